//! What has no fixed shape in C goes out as JSON: lists, contents, versions, changes.
//!
//! The shapes are part of the ABI, and written down in `docs/c-abi.md`. Ids of 64 bits are strings
//! of 16 hexadecimal digits, since many JSON readers round larger numbers than 2^53. Values of the
//! document are written as in its canonical JSON, by the core.

use libsync::{
    ChangeInfo, Conflict, Content, Member, Node, OpId, PruneReport, Value as CoreValue,
    VersionVector,
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

pub(crate) fn of_members(members: &[Member]) -> Value {
    members
        .iter()
        .map(|member| {
            json!({
                "replica": member.replica.to_string(),
                "acknowledged": member.acknowledged.as_ref().map(of_version),
                "stable": member.stable.as_ref().map(of_version),
            })
        })
        .collect()
}

pub(crate) fn of_prune(report: &PruneReport) -> Value {
    let held_back_by = report.held_back_by.iter().map(|holdback| {
        json!({
            "member": holdback.member.to_string(),
            "unacknowledged": holdback.unacknowledged,
            "unstable": holdback.unstable,
        })
    });
    json!({ "floor": of_version(&report.floor), "held_back_by": held_back_by.collect::<Value>() })
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
