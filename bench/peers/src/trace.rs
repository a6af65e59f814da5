//! Editing histories: what was typed, by whom, and what each author had seen.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use ropey::Rope;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};

/// In what an engine counts positions and lengths.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Unicode scalar values, as traces do.
    Scalar,
    /// UTF-8 bytes.
    Utf8,
}

/// At a position so much is deleted; then a string is inserted.
#[derive(Clone)]
pub(crate) struct Edit {
    pub(crate) position: usize,
    pub(crate) deleted: usize,
    pub(crate) inserted: String,
}

/// Edits that one author made in a row.
#[derive(Clone)]
pub(crate) struct Transaction {
    /// Who, from 0 on.
    pub(crate) agent: usize,
    /// The transactions whose merged states are the text that was edited; all are earlier ones,
    /// and the author's own last one is among them or their ancestors.
    pub(crate) parents: Vec<usize>,
    /// In Unicode scalar values.
    pub(crate) edits: Vec<Edit>,
}

/// An editing history of one text, empty at first.
pub(crate) struct Trace {
    pub(crate) name: String,
    pub(crate) transactions: Vec<Transaction>,
    /// The text once all is merged.
    pub(crate) expected: String,
}

impl Trace {
    /// Reads a file in the format that the README describes, gzipped or not.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let failed = |error: &dyn fmt::Display| format!("{}: {error}", path.display());
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| failed(&error))?;
        BufReader::new(file).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            GzDecoder::new(&bytes[..]).read_to_end(&mut plain).map_err(|error| failed(&error))?;
            bytes = plain;
        }
        let file: TraceFile = serde_json::from_slice(&bytes).map_err(|error| failed(&error))?;
        if !file.start_content.is_empty() {
            return Err(failed(&"the text is not empty at first"));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.trim_end_matches(".gz").trim_end_matches(".json").to_owned();
        let transactions = file.txns.into_iter().enumerate().map(|(i, transaction)| {
            let in_a_row = || i.checked_sub(1).into_iter().collect();
            Transaction {
                agent: transaction.agent,
                parents: transaction.parents.unwrap_or_else(in_a_row),
                edits: transaction.patches,
            }
        });
        let trace = Self { name, transactions: transactions.collect(), expected: file.end_content };
        if trace.transactions.iter().enumerate().any(|(i, t)| t.parents.iter().any(|&p| p >= i)) {
            return Err(failed(&"a transaction comes before one of its parents"));
        }
        Ok(trace)
    }

    /// Whether every transaction was made on top of all earlier ones.
    pub(crate) fn is_linear(&self) -> bool {
        let mut last = None;
        self.transactions.iter().enumerate().all(|(i, transaction)| {
            let parent = last.replace(i);
            transaction.parents.iter().copied().eq(parent)
        })
    }

    /// How many authors there are.
    pub(crate) fn agents(&self) -> usize {
        self.transactions.iter().map(|transaction| transaction.agent + 1).max().unwrap_or(0)
    }

    /// How many edits there are.
    pub(crate) fn len(&self) -> usize {
        self.transactions.iter().map(|transaction| transaction.edits.len()).sum()
    }

    /// All edits of a linear trace, in that unit.
    pub(crate) fn edits(&self, unit: Unit) -> Vec<Edit> {
        assert!(self.is_linear(), "`{}` has concurrent edits", self.name);
        let edits: Vec<Edit> =
            self.transactions.iter().flat_map(|transaction| transaction.edits.clone()).collect();
        match unit {
            Unit::Utf8 if !self.is_ascii() => in_bytes(&edits, ""),
            _ => edits,
        }
    }

    /// Whether all units count alike.
    pub(crate) fn is_ascii(&self) -> bool {
        let edits = self.transactions.iter().flat_map(|transaction| &transaction.edits);
        edits.into_iter().all(|edit| edit.inserted.is_ascii())
    }
}

/// Edits of `text`, in Unicode scalar values, in UTF-8 bytes.
pub(crate) fn in_bytes(edits: &[Edit], text: &str) -> Vec<Edit> {
    let mut rope = Rope::from_str(text);
    let converted = edits.iter().map(|edit| {
        let end = edit.position + edit.deleted;
        let (start, behind) = (rope.char_to_byte(edit.position), rope.char_to_byte(end));
        rope.remove(edit.position..end);
        rope.insert(edit.position, &edit.inserted);
        Edit { position: start, deleted: behind - start, inserted: edit.inserted.clone() }
    });
    converted.collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TraceFile {
    #[serde(default)]
    start_content: String,
    end_content: String,
    txns: Vec<TransactionInFile>,
}

#[derive(Deserialize)]
struct TransactionInFile {
    #[serde(default)]
    agent: usize,
    parents: Option<Vec<usize>>,
    patches: Vec<Edit>,
}

/// A patch is `[position, deleted, inserted]`; what follows in it is passed over.
impl<'de> Deserialize<'de> for Edit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Patch;
        impl<'de> Visitor<'de> for Patch {
            type Value = Edit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[position, deleted, inserted]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Edit, A::Error> {
                let short = |len| A::Error::invalid_length(len, &self);
                let edit = Edit {
                    position: items.next_element()?.ok_or_else(|| short(0))?,
                    deleted: items.next_element()?.ok_or_else(|| short(1))?,
                    inserted: items.next_element()?.ok_or_else(|| short(2))?,
                };
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(edit)
            }
        }
        deserializer.deserialize_seq(Patch)
    }
}
