//! JSON values that may have an unexpected type: what cannot be read is missing.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A text; a number is read as its text, anything else as missing.
#[derive(Debug, Default)]
pub(super) struct LenientText<'a>(Option<Cow<'a, str>>);

impl<'a> LenientText<'a> {
    /// Creates a text that is borrowed from the record.
    pub(super) fn borrowed(text: &'a str) -> Self {
        Self(Some(Cow::Borrowed(text)))
    }

    /// Returns the text, empty if it is missing.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// Returns the trimmed text.
    pub(super) fn trimmed(&self) -> &str {
        let text = self.as_str();
        match text.as_bytes() {
            // Nearly all texts start and end with a visible ASCII character, and need no search for blanks.
            [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
            _ => text.trim(),
        }
    }
}

struct TextVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for TextVisitor<'a> {
    type Value = LenientText<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(LenientText(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(LenientText(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(LenientText(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(LenientText(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(LenientText(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(LenientText(None))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(LenientText(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        skip_items(items)?;
        Ok(LenientText(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        skip_members(members)?;
        Ok(LenientText(None))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for LenientText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor(PhantomData))
    }
}

/// A list of values; anything else is read as an empty list.
#[derive(Debug)]
pub(super) struct LenientList<T>(pub(super) Vec<T>);

impl<T> Default for LenientList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = LenientList<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(LenientList::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(LenientList::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(LenientList::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(LenientList::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(LenientList::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(LenientList::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(LenientList(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        skip_members(members)?;
        Ok(LenientList::default())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for LenientList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

pub(super) fn skip_items<'de, A: SeqAccess<'de>>(mut items: A) -> Result<(), A::Error> {
    while items.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

pub(super) fn skip_members<'de, A: MapAccess<'de>>(mut members: A) -> Result<(), A::Error> {
    while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Declares an object whose members may be missing, repeated (the last one counts) or of another type.
///
/// Any other value is read as an object without members.
macro_rules! lenient_object {
    ($(#[$doc:meta])* $name:ident { $($key:literal => $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(crate) struct $name<'a> {
            $(pub(super) $field: $type,)*
        }

        const _: () = {
            struct Members<'a>(std::marker::PhantomData<&'a ()>);

            impl<'de: 'a, 'a> serde::de::Visitor<'de> for Members<'a> {
                type Value = $name<'a>;

                fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    formatter.write_str("any value")
                }

                fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                    Ok($name::default())
                }

                fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                    Ok($name::default())
                }

                fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                    Ok($name::default())
                }

                fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                    Ok($name::default())
                }

                fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                    Ok($name::default())
                }

                fn visit_unit<E>(self) -> Result<Self::Value, E> {
                    Ok($name::default())
                }

                fn visit_seq<A: serde::de::SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
                    $crate::wire::lenient::skip_items(items)?;
                    Ok($name::default())
                }

                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                    let mut object = $name::default();
                    while let Some(key) = members.next_key::<$crate::wire::lenient::LenientText<'de>>()? {
                        match key.as_str() {
                            $($key => object.$field = members.next_value()?,)*
                            _ => {
                                members.next_value::<serde::de::IgnoredAny>()?;
                            }
                        }
                    }
                    Ok(object)
                }
            }

            impl<'de: 'a, 'a> serde::de::Deserialize<'de> for $name<'a> {
                fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserializer.deserialize_any(Members(std::marker::PhantomData))
                }
            }
        };
    };
}

pub(super) use lenient_object;

#[cfg(test)]
mod tests {
    use super::*;

    lenient_object! {
        /// An object for these tests.
        Sample {
            "name" => name: LenientText<'a>,
            "list" => list: LenientList<LenientText<'a>>,
        }
    }

    #[test]
    fn outer_blanks_of_any_script_are_trimmed() {
        let letters = [
            "a", "~", "!", "\u{7f}", "ß", "\u{a0}", "\u{3000}", "\u{85}", " ", "\n", "",
        ];
        for first in letters {
            for middle in letters {
                for last in letters {
                    let text = format!("{first}{middle}{last}");
                    assert_eq!(
                        LenientText::borrowed(&text).trimmed(),
                        text.trim(),
                        "{text:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_value_of_a_wrong_type_is_missing() {
        let cases = [
            (r#"{"name": "x", "list": ["a", 2]}"#, "x", 2),
            (r#"{"name": 12.5, "list": "a"}"#, "12.5", 0),
            (r#"{"name": -3, "list": {"a": [1]}}"#, "-3", 0),
            (r#"{"name": null, "list": null}"#, "", 0),
            (r#"{"name": true, "list": false}"#, "", 0),
            (r#"{"name": {"a": {"b": 1}}, "list": 1.5}"#, "", 0),
            (r#"{"name": [1, [2]], "list": -1}"#, "", 0),
            (r#"{"name": "x", "other": {"name": "y"}}"#, "x", 0),
            (r#"{"name": "x", "name": "\u0041\n"}"#, "A\n", 0),
            ("{}", "", 0),
            ("[1]", "", 0),
            ("null", "", 0),
            ("\"x\"", "", 0),
            ("4", "", 0),
        ];
        for (json, name, list) in cases {
            let sample: Sample<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(
                (sample.name.as_str(), sample.list.0.len()),
                (name, list),
                "{json}"
            );
        }
    }
}
