//! What has no fixed shape in C goes out as JSON: lists, contents, versions, changes.
//!
//! The shapes are part of the ABI, and written down in `docs/c-abi.md`. Ids of 64 bits are strings
//! of 16 hexadecimal digits, since many JSON readers round larger numbers than 2^53. Values of the
//! document are written as in its canonical JSON, by the core.

use libsync::{
    ChangeInfo, Conflict, Content, Departed, Evicted, Holdback, Member, Node, Offer, OpId,
    PendingRedaction, PruneReport, Relief, ReplicaId, RescueOutcome, RescueReport, RescuedEdit,
    Value as CoreValue, VersionVector,
};
use serde_json::{Value, json};

pub(crate) fn of_id(id: &OpId) -> Value {
    json!({ "replica": id.replica.to_string(), "counter": id.counter })
}

pub(crate) fn of_ids(ids: &[OpId]) -> Value {
    ids.iter().map(of_id).collect()
}

pub(crate) fn of_version(version: &VersionVector) -> Value {
    let mut counts = serde_json::Map::new();
    for (replica, count) in version.iter() {
        counts.insert(replica.to_string(), count.into());
    }
    counts.into()
}

fn of_replicas(replicas: &[ReplicaId]) -> Value {
    replicas.iter().map(ReplicaId::to_string).collect()
}

pub(crate) fn of_members(members: &[Member]) -> Value {
    members
        .iter()
        .map(|member| {
            json!({
                "replica": member.replica.to_string(),
                "acknowledged": member.acknowledged.as_ref().map(of_version),
                "stable": member.stable.as_ref().map(of_version),
                "since": member.since.as_ref().map(of_id),
                "since_time": member.since_time,
                "evicting": member.evicting,
                "eviction_awaits": of_replicas(&member.eviction_awaits),
                "unacknowledged": member.unacknowledged,
                "lag": member.lag,
            })
        })
        .collect()
}

pub(crate) fn of_departed(departed: &[Departed]) -> Value {
    departed
        .iter()
        .map(|departed| {
            json!({
                "replica": departed.replica.to_string(),
                "operations": departed.operations,
                "evicted": departed.evicted,
                "departure": departed.departure.as_ref().map(of_id),
                "time": departed.time,
            })
        })
        .collect()
}

/// `null` for none.
pub(crate) fn of_evicted(evicted: Option<&Evicted>) -> Value {
    evicted.map_or(Value::Null, |evicted| {
        json!({
            "replica": evicted.replica.to_string(),
            "operations": evicted.operations,
            "refused": of_ids(&evicted.refused),
        })
    })
}

pub(crate) fn of_prune(report: &PruneReport) -> Value {
    json!({
        "floor": of_version(&report.floor),
        "held_back_by": report.held_back_by.iter().map(of_holdback).collect::<Value>(),
        "redactions_pending": report.redactions_pending.iter().map(of_redaction).collect::<Value>(),
        "reliefs": report.reliefs.iter().map(of_relief).collect::<Value>(),
    })
}

fn of_holdback(holdback: &Holdback) -> Value {
    json!({
        "member": holdback.member.to_string(),
        "unacknowledged": holdback.unacknowledged,
        "unstable": holdback.unstable,
        "since": holdback.since,
        "lag": holdback.lag,
    })
}

fn of_redaction(redaction: &PendingRedaction) -> Value {
    json!({ "id": of_id(&redaction.id), "held_back_by": of_replicas(&redaction.held_back_by) })
}

fn of_relief(relief: &Relief) -> Value {
    json!({
        "members": of_replicas(&relief.members),
        "waits_for": of_replicas(&relief.waits_for),
        "operations": relief.operations,
        "changes": relief.changes,
        "nodes": relief.nodes,
        "bytes": relief.bytes,
    })
}

pub(crate) fn of_rescue(report: &RescueReport) -> String {
    let unknown = report.unknown.iter().map(|unknown| {
        json!({
            "replica": unknown.replica.to_string(),
            "from": unknown.from,
            "to": unknown.to,
        })
    });
    format!(
        r#"{{"edits":{},"sponsored":{},"unknown":{}}}"#,
        array(&report.edits, of_rescued),
        of_replicas(&report.sponsored),
        unknown.collect::<Value>(),
    )
}

fn of_rescued(edit: &RescuedEdit) -> String {
    let (outcome, now, offer) = match &edit.outcome {
        RescueOutcome::Applied { id } => ("applied", id.as_ref(), None),
        RescueOutcome::Moved { id } => ("moved", Some(id), None),
        RescueOutcome::Offered(offer) => ("offered", None, Some(offer)),
        _ => ("other", None, None),
    };
    format!(
        r#"{{"id":{},"len":{},"now":{},"offer":{},"outcome":"{outcome}","path":{}}}"#,
        of_id(&edit.id),
        edit.len,
        now.map_or(Value::Null, of_id),
        offer.map_or("null".to_owned(), of_offer),
        Value::from(edit.path.to_string()),
    )
}

fn of_offer(offer: &Offer) -> String {
    match offer {
        Offer::Text { position, text } => {
            json!({ "what": "text", "position": position, "text": text }).to_string()
        }
        Offer::Items { index, items } => {
            format!(r#"{{"index":{index},"items":{},"what":"items"}}"#, of_contents(items))
        }
        Offer::Value(content) => {
            format!(r#"{{"content":{},"what":"value"}}"#, of_content(content))
        }
        Offer::Element(element) => {
            format!(r#"{{"element":{},"what":"element"}}"#, element.to_json())
        }
        Offer::Count(count) => json!({ "what": "count", "count": count }).to_string(),
        Offer::Move { item, index } => {
            format!(r#"{{"index":{index},"item":{},"what":"move"}}"#, of_content(item))
        }
        _ => r#"{"what":"other"}"#.to_owned(),
    }
}

/// `null` for none.
pub(crate) fn of_change(change: Option<&ChangeInfo>) -> Value {
    change.map_or(Value::Null, |change| {
        json!({
            "dependencies": of_ids(&change.dependencies),
            "id": of_id(&change.id),
            "lamport": change.lamport,
            "len": change.len,
            "message": change.commit.message,
            "origin": change.commit.origin,
            "time": change.commit.time,
        })
    })
}

pub(crate) fn of_conflicts(conflicts: &[Conflict]) -> String {
    array(conflicts, |conflict| {
        let id = conflict.id.as_ref().map_or(Value::Null, of_id);
        let time = conflict.time.map_or(Value::Null, Value::from);
        let (kind, value) = fields(&conflict.content);
        format!(r#"{{"id":{id},{kind},"time":{time}{value}}}"#)
    })
}

pub(crate) fn of_contents(contents: &[Content]) -> String {
    array(contents, of_content)
}

pub(crate) fn of_nodes(nodes: &[Node]) -> String {
    let of_origin = |origin: &Option<OpId>| origin.as_ref().map_or(Value::Null, of_id);
    array(nodes, |node| {
        format!(
            r#"{{"content":{},"deleted":{},"id":{},"origin_left":{},"origin_right":{}}}"#,
            node.content.as_ref().map_or("null".to_owned(), of_content),
            node.deleted,
            of_id(&node.id),
            of_origin(&node.origin_left),
            of_origin(&node.origin_right),
        )
    })
}

pub(crate) fn of_values(values: &[CoreValue]) -> String {
    array(values, CoreValue::to_json)
}

fn of_content(content: &Content) -> String {
    let (kind, value) = fields(content);
    format!("{{{kind}{value}}}")
}

/// The fields of an object that tell a content: what it is, and, of a value, behind a comma, which.
fn fields(content: &Content) -> (String, String) {
    match content {
        Content::Value(value) => {
            (r#""kind":"value""#.to_owned(), format!(r#","value":{}"#, value.to_json()))
        }
        Content::Container(kind) => (format!(r#""kind":"{kind}""#), String::new()),
        _ => (r#""kind":"other""#.to_owned(), String::new()),
    }
}

fn array<T>(items: &[T], of_item: impl FnMut(&T) -> String) -> String {
    format!("[{}]", items.iter().map(of_item).collect::<Vec<_>>().join(","))
}
