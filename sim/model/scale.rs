//! How a reply type states confidence: as a level, a share of one, or a number up to some maximum. Knows no model.

use super::shape::{Shape, Shapes};
use serde_json::Value as Json;

/// What the field `confidence` of a type may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// Named levels, the least first.
    Levels(Vec<Json>),
    /// A decimal up to one.
    Share,
    /// A whole number up to this one.
    UpTo(u64),
}

/// How many decimals of a share are compared: far more than anyone states.
const DECIMALS: usize = 6;

impl Scale {
    /// The field's name.
    pub(super) const FIELD: &'static str = "confidence";

    /// The scale of a schema, if it has such a field and the field is an enum or a number.
    pub(super) fn of(shapes: &Shapes, schema: &Json) -> Option<Scale> {
        let keyword = |name: &str| schema.pointer(&format!("/properties/{}/{name}", Scale::FIELD));
        match shapes.field(Scale::FIELD)? {
            Shape::Options(options) => {
                let mut levels = options.clone();
                let first = levels.first().and_then(Json::as_str).unwrap_or_default().to_lowercase();
                if ["high", "very", "certain", "sure"].iter().any(|word| first.starts_with(word)) {
                    levels.reverse();
                }
                Some(Scale::Levels(levels))
            }
            Shape::Number(_) => {
                let most = keyword("maximum").map(Json::to_string);
                let most = most.and_then(|text| text.trim_end_matches(".0").parse::<u64>().ok());
                let whole = keyword("type").and_then(Json::as_str) == Some("integer");
                Some(match most {
                    None | Some(0 | 1) if !whole => Scale::Share,
                    // A byte that may hold more is still meant in percent.
                    most => Scale::UpTo(most.unwrap_or(100).clamp(1, 100)),
                })
            }
            _ => None,
        }
    }

    /// Where a stated confidence stands on this scale, in an order that means nothing beyond itself.
    pub(super) fn rank(&self, stated: &Json) -> Option<u64> {
        match self {
            Scale::Levels(levels) => levels.iter().position(|level| level == stated).map(|place| place as u64),
            Scale::UpTo(_) => stated.as_u64(),
            Scale::Share => {
                let text = stated.to_string();
                let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
                let decimals: String = decimals.chars().chain(std::iter::repeat('0')).take(DECIMALS).collect();
                format!("{whole}{decimals}").parse().ok()
            }
        }
    }

    /// So many percent on this scale.
    pub(super) fn stated(&self, percent: u64) -> Json {
        let percent = percent.min(100);
        match self {
            Scale::Levels(levels) => {
                let place = usize::try_from(percent).unwrap_or(0) * levels.len() / 101;
                levels[place].clone()
            }
            Scale::Share if percent == 100 => serde_json::json!(1),
            Scale::Share => serde_json::from_str(&format!("0.{percent:02}")).expect("a decimal"),
            Scale::UpTo(most) => Json::from(percent * most / 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Form;
    use schemars::JsonSchema;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Sure<T> {
        confidence: T,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    enum Level {
        High,
        Medium,
        Low,
    }

    fn stated<T: JsonSchema>(percent: u64, sample: Json) -> Option<String> {
        let sample = serde_json::json!({ "confidence": sample });
        Form::of::<Sure<T>>().confident(&sample, percent).map(|json| json["confidence"].to_string())
    }

    #[test]
    fn confidence_is_stated_in_the_types_own_way() {
        assert_eq!(stated::<u8>(95, 1.into()).as_deref(), Some("95"));
        assert_eq!(stated::<f64>(95, 1.into()).as_deref(), Some("0.95"));
        assert_eq!(stated::<Level>(95, "Low".into()).as_deref(), Some("\"High\""));
        assert_eq!(stated::<Level>(10, "High".into()).as_deref(), Some("\"Low\""));
        assert_eq!(stated::<String>(95, "sure".into()), None);
    }

    #[test]
    fn stated_confidence_is_ordered_as_its_type_means_it() {
        let rank = |form: Form, stated: Json| form.confidence_of(&serde_json::json!({ "confidence": stated }));
        let level = |stated: &str| rank(Form::of::<Sure<Level>>(), stated.into());
        assert!(level("Low") < level("Medium") && level("Medium") < level("High"));
        let share = |stated: f64| rank(Form::of::<Sure<f64>>(), stated.into());
        assert!(share(0.09) < share(0.5) && share(0.95) < share(1.0) && share(0.5).is_some());
        let whole = |stated: u64| rank(Form::of::<Sure<u8>>(), stated.into());
        assert!(whole(9) < whole(50) && whole(95) < whole(100));
        assert_eq!(rank(Form::of::<Sure<String>>(), "sure".into()), None);
    }
}
