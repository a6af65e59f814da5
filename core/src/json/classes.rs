//! Which trees are equal: each gets a number, once, and two have the same if their canonical JSON
//! is the same. So parts of long lists are compared as numbers are.

use std::collections::BTreeMap;

use super::tree::{Leaf, Parts, Tree};

/// The number of all trees that are equal.
pub(crate) type Class = u32;

/// What decides whether trees are equal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Form<'t> {
    Leaf(Leaf<'t>),
    List(Vec<Class>),
    Map(Vec<(&'t str, Class)>),
}

/// The classes that were given so far.
#[derive(Default)]
pub(crate) struct Classes<'t> {
    forms: BTreeMap<Form<'t>, Class>,
}

impl<'t> Classes<'t> {
    /// The class of a tree. O(n log m) for what of it was not asked for before, m forms being known.
    pub(crate) fn of(&mut self, tree: &'t Tree) -> Class {
        if let Some(class) = tree.class.get() {
            return class;
        }
        let form = match tree.parts() {
            Parts::Leaf(leaf) => Form::Leaf(leaf),
            Parts::Items(items) => Form::List(items.iter().map(|item| self.of(item)).collect()),
            Parts::Members(members) => {
                let class = |(key, member): &'t (String, Tree)| (key.as_str(), self.of(member));
                Form::Map(members.iter().map(class).collect())
            }
            Parts::Elements(elements) => {
                let class = |element| self.class(Form::Leaf(Leaf::of(element)));
                Form::List(elements.iter().map(class).collect())
            }
        };
        let class = self.class(form);
        tree.class.set(Some(class));
        class
    }

    fn class(&mut self, form: Form<'t>) -> Class {
        let next = self.forms.len() as Class;
        *self.forms.entry(form).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Shape, read};
    use super::*;
    use crate::value::{Kind, Value};

    #[test]
    fn what_has_the_same_json_has_one_class() {
        let set = Tree::from(Shape::Set(Kind::Set, vec![Value::Int(1), Value::from("a")]));
        let text = Tree::from(Shape::Text("a".to_owned()));
        let count = Tree::from(Shape::Counter(Kind::Counter, 1));
        let bytes = Tree::from(Value::from(vec![1]));
        let read = |json: &str| read(json).unwrap();
        let trees = [
            (set, read(r#"[1,"a"]"#)),
            (text, read(r#""a""#)),
            (count, read("1")),
            (bytes, read(r#"{"$bytes":"01"}"#)),
            (read(r#"{"a":[1]}"#), read(r#"{"a":[1]}"#)),
            (read("1.0"), read("1.00")),
        ];
        let mut classes = Classes::default();
        let numbers: Vec<Class> = trees
            .iter()
            .map(|(a, b)| {
                assert!(a.looks_like(b));
                assert_eq!(classes.of(a), classes.of(b));
                assert!(a.looks_like(b));
                classes.of(a)
            })
            .collect();
        let distinct: std::collections::BTreeSet<&Class> = numbers.iter().collect();
        assert_eq!(distinct.len(), trees.len());
    }
}
