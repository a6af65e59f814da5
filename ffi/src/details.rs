//! The facts of an error, as JSON: for each status the fields that `docs/c-abi.md` lists.

use libsync::{
    AcknowledgeError, ApplyError, DecodeError, EditError, ExportError, Found, LineageError,
    LoadError, PathError, ReadError, RescueError, ReseedError, Unit, UnknownDepartures,
};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::json::{of_id, of_version};

/// The facts of a failure. What has no fields of its own is `{}`.
pub(crate) fn of_failure(failure: &Failure) -> Value {
    match failure {
        Failure::Null { argument }
        | Failure::Handle { argument }
        | Failure::Argument { argument, .. } => json!({ "argument": argument }),
        Failure::StructSize { argument, size, .. } => json!({ "argument": argument, "size": size }),
        Failure::Utf8 { argument, at } => json!({ "argument": argument, "at": at }),
        Failure::Value { index, failure } => {
            let mut details = of_failure(failure);
            details["index"] = json!(index);
            details
        }
        Failure::Panic { .. }
        | Failure::Barred { .. }
        | Failure::Random(_)
        | Failure::Exhausted
        | Failure::Unnamed { .. } => json!({}),
        Failure::Load(error) => of_load(error),
        Failure::Apply(error) => of_apply(error),
        Failure::Export(error) => of_export(error),
        Failure::Read(error) => of_read(error),
        Failure::Edit(error) => of_edit(error),
        Failure::Acknowledge(error) => of_acknowledge(error),
        Failure::Rescue(error) => of_rescue(error),
        Failure::Reseed(error) => of_reseed(error),
    }
}

fn of_load(error: &LoadError) -> Value {
    match error {
        LoadError::Decode(error) => of_decode(error),
        _ => json!({}),
    }
}

fn of_decode(error: &DecodeError) -> Value {
    match error {
        DecodeError::Truncated { offset } => json!({ "reason": "truncated", "offset": offset }),
        DecodeError::TrailingBytes { offset } => {
            json!({ "reason": "trailing_bytes", "offset": offset })
        }
        DecodeError::Checksum => json!({ "reason": "checksum" }),
        DecodeError::NotCanonical { offset, .. } => {
            json!({ "reason": "not_canonical", "offset": offset })
        }
        DecodeError::Unexpected { offset, .. } => {
            json!({ "reason": "unexpected", "offset": offset })
        }
        DecodeError::WrongFrame { expected, found } => {
            json!({ "reason": "wrong_frame", "expected": expected, "found": found })
        }
        DecodeError::UnsupportedVersion { found, supported } => {
            json!({ "reason": "unsupported_version", "found": found, "supported": supported })
        }
        DecodeError::UnknownField { offset, field } => {
            json!({ "reason": "unknown_field", "offset": offset, "field": field })
        }
        DecodeError::Limit { offset, limit, .. } => {
            json!({ "reason": "limit", "offset": offset, "limit": limit })
        }
        DecodeError::Inconsistent { offset, .. } => {
            json!({ "reason": "inconsistent", "offset": offset })
        }
        _ => json!({ "reason": "other" }),
    }
}

fn of_lineage(error: &LineageError) -> Value {
    match error {
        LineageError::OtherDocument { ours, theirs } => {
            json!({ "ours": ours.to_string(), "theirs": theirs.to_string() })
        }
        LineageError::OtherEpoch { ours, theirs } => json!({ "ours": ours, "theirs": theirs }),
        _ => json!({}),
    }
}

fn of_departures(error: &UnknownDepartures) -> Value {
    json!({ "left_out": error.left_out, "known": error.known })
}

fn of_apply(error: &ApplyError) -> Value {
    match error {
        ApplyError::Decode(error) => of_decode(error),
        ApplyError::Lineage(error) => of_lineage(error),
        ApplyError::Departures(error) => of_departures(error),
        ApplyError::ReplicaIdReused { id }
        | ApplyError::InvalidChange { id, .. }
        | ApplyError::AuthorLeft { id }
        | ApplyError::AuthorEvicted { id } => json!({ "change": of_id(id) }),
        ApplyError::NamesEvicted { id, named } => {
            json!({ "change": of_id(id), "named": of_id(named) })
        }
        ApplyError::BelowPruneFloor { id, floor } => {
            json!({ "change": of_id(id), "floor": of_version(floor) })
        }
        ApplyError::InboxFull { changes, bytes, max_changes, max_bytes } => json!({
            "changes": changes,
            "bytes": bytes,
            "max_changes": max_changes,
            "max_bytes": max_bytes,
        }),
        _ => json!({}),
    }
}

fn of_export(error: &ExportError) -> Value {
    match error {
        ExportError::Decode(error) => of_decode(error),
        ExportError::Lineage(error) => of_lineage(error),
        ExportError::Departures(error) => of_departures(error),
        ExportError::CannotSponsor { replica } => json!({ "replica": replica.to_string() }),
        ExportError::BelowPruneFloor { floor } => json!({ "floor": of_version(floor) }),
        ExportError::Shallow { start } => json!({ "start": of_version(start) }),
        _ => json!({}),
    }
}

fn of_read(error: &ReadError) -> Value {
    match error {
        ReadError::Path(PathError::BadEscape { at, .. } | PathError::EmptyKey { at }) => {
            json!({ "argument": "path", "at": at })
        }
        ReadError::NotFound { path } | ReadError::NotAnIndex { path } => {
            json!({ "path": path.to_string() })
        }
        ReadError::WrongKind { path, expected, found } => {
            let found = match found {
                Found::Container(kind) => kind.to_string(),
                _ => "value".to_owned(),
            };
            json!({ "path": path.to_string(), "expected": expected.to_string(), "found": found })
        }
        _ => json!({}),
    }
}

fn of_edit(error: &EditError) -> Value {
    match error {
        EditError::Read(error) => of_read(error),
        EditError::OutOfBounds { start, end, len, unit } => {
            json!({ "start": start, "end": end, "len": len, "unit": unit_name(*unit) })
        }
        EditError::SplitsCharacter { position, unit } => {
            json!({ "position": position, "unit": unit_name(*unit) })
        }
        EditError::IndexOutOfBounds { path, index, len } => {
            json!({ "path": path.to_string(), "index": index, "len": len })
        }
        EditError::GrowOnly { path } | EditError::Overflow { path } => {
            json!({ "path": path.to_string() })
        }
        EditError::TooLong { what, len, limit } => {
            json!({ "what": what, "len": len, "limit": limit })
        }
        EditError::TooDeep { limit } => json!({ "limit": limit }),
        EditError::TooManyOperations { limit } => json!({ "limit": limit }),
        EditError::NotEvictable { replica, .. } => json!({ "replica": replica.to_string() }),
        EditError::WrittenElsewhere { id } => json!({ "change": of_id(id) }),
        _ => json!({}),
    }
}

fn of_acknowledge(error: &AcknowledgeError) -> Value {
    match error {
        AcknowledgeError::Decode(error) => of_decode(error),
        AcknowledgeError::Lineage(error) => of_lineage(error),
        AcknowledgeError::Departures(error) => of_departures(error),
        AcknowledgeError::TooManyHeld { member, limit } => {
            json!({ "member": member.to_string(), "limit": limit })
        }
        _ => json!({}),
    }
}

fn of_rescue(error: &RescueError) -> Value {
    match error {
        RescueError::Load(error) => of_load(error),
        RescueError::Lineage(error) => of_lineage(error),
        RescueError::ReplicaIdReused { id } | RescueError::NotAMember { id } => {
            json!({ "replica": id.to_string() })
        }
        RescueError::SnapshotBehind { since } => json!({ "since": of_version(since) }),
        RescueError::Undecided { known, here } => json!({ "known": known, "here": here }),
        RescueError::Edit(error) => of_edit(error),
        _ => json!({}),
    }
}

fn of_reseed(error: &ReseedError) -> Value {
    match error {
        ReseedError::ReplicaIdReused { id } => json!({ "replica": id.to_string() }),
        _ => json!({}),
    }
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Scalar => "scalar",
        Unit::Utf8 => "utf8",
        Unit::Utf16 => "utf16",
        _ => "other",
    }
}
