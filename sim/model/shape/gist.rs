//! A schema in one line, as a person would write it into a prompt.

use super::{DEEPEST, Shape, Shapes};
use serde_json::Value as Json;
use std::fmt::{self, Write};

impl Shapes {
    /// The schema in one line, as a prompt shows it.
    pub(in crate::model) fn gist(&self) -> String {
        let mut text = String::new();
        self.write_gist(&self.root, &mut text, 0).expect("writing to a string cannot fail");
        text
    }

    fn write_gist(&self, shape: &Shape, text: &mut String, depth: u32) -> fmt::Result {
        match shape {
            Shape::Link(name) if depth < DEEPEST => match self.definitions.get(name) {
                Some(shape) => self.write_gist(shape, text, depth + 1),
                None => text.write_str("any"),
            },
            Shape::Options(options) => {
                let options: Vec<String> = options.iter().map(Json::to_string).collect();
                text.write_str(&options.join(" | "))
            }
            Shape::Flag => text.write_str("true | false"),
            Shape::Number(_) => text.write_str("number"),
            Shape::Text => text.write_str("string"),
            Shape::Nothing => text.write_str("null"),
            Shape::List(first, rest) => {
                text.write_char('[')?;
                self.write_several(first.iter().chain(rest.as_deref()), ", ", text, depth)?;
                text.write_str(if rest.is_some() { ", …]" } else { "]" })
            }
            Shape::Fields(fields) => {
                text.write_char('{')?;
                for (place, field) in fields.iter().enumerate() {
                    write!(text, "{}\"{}\": ", if place > 0 { ", " } else { "" }, field.name)?;
                    self.write_gist(&field.shape, text, depth + 1)?;
                }
                text.write_char('}')
            }
            Shape::Map(shape) => {
                text.write_str("{name: ")?;
                self.write_gist(shape, text, depth + 1)?;
                text.write_str(", …}")
            }
            Shape::Either(variants) => self.write_several(variants.iter(), " | ", text, depth),
            Shape::All(parts) => self.write_several(parts.iter(), " & ", text, depth),
            Shape::Link(_) | Shape::Any => text.write_str("any"),
        }
    }

    fn write_several<'a>(
        &self,
        shapes: impl Iterator<Item = &'a Shape>,
        between: &str,
        text: &mut String,
        depth: u32,
    ) -> fmt::Result {
        for (place, shape) in shapes.enumerate() {
            if place > 0 {
                text.push_str(between);
            }
            self.write_gist(shape, text, depth + 1)?;
        }
        Ok(())
    }
}
