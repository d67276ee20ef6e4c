//! The file of one message, and the index of all.

use super::emit_field::FieldCode;
use super::names;
use super::schema::{Field, Kind, Message, Struct, Type};

/// The text of a message's module.
pub(super) fn file(message: &Message) -> String {
    let body: String =
        message.structs.iter().map(|item| StructCode { message, item }.all() + "\n").collect();
    let body = body + &impl_message(message);
    let versions = message.versions.text(i16::MAX);
    let flexible = match message.flexible.min() {
        Some(first) => format!("flexible from {first}"),
        None => "never flexible".to_owned(),
    };
    let mut out = format!("//! `{}`, versions {versions}, {flexible}.\n\n", message.name);
    if word(&body, "Slice") {
        out.push_str("use ringlog_engine::arena::Slice;\n\n");
    }
    let mut names: Vec<&str> = vec!["Array", "DecodeError", "DecodeErrorKind", "EncodeError"];
    names.extend(["Format", "Message", "Reader", "Records", "Request", "Uuid", "View", "Writer"]);
    names.push("ApiKey");
    names.retain(|name| word(&body, name));
    names.sort_unstable();
    out.push_str(&format!("use crate::protocol::{{{}}};\n", names.join(", ")));
    out.push_str(
        "#[cfg(any(test, feature = \"fill\"))]\nuse crate::protocol::fill::{Fill, Filled};\n\n",
    );
    out + &body
}

struct StructCode<'a> {
    message: &'a Message,
    item: &'a Struct,
}

impl StructCode<'_> {
    fn all(&self) -> String {
        [
            self.owned(),
            self.default(false),
            self.write(),
            self.view(),
            self.default(true),
            self.read(),
            self.convert(),
            self.fill(),
        ]
        .join("\n")
    }

    fn fields(&self) -> impl Iterator<Item = FieldCode<'_>> {
        let code = |field| FieldCode { message: self.message, parent: self.item, field };
        self.item.fields.iter().map(code)
    }

    fn tagged(&self) -> Vec<FieldCode<'_>> {
        let mut tagged: Vec<_> = self.fields().filter(|f| !f.field.tagged.is_empty()).collect();
        tagged.sort_by_key(|f| f.field.tag);
        tagged
    }

    fn is_message(&self) -> bool {
        self.item.name == self.message.name
    }

    fn has_derived_default(&self) -> bool {
        self.fields().all(|f| f.default_is_derived())
    }

    /// `View` or `View<'a>`.
    fn view_name(&self, lifetime: &str) -> String {
        let name = &self.item.name;
        let kind = Type::Struct(name.clone());
        if self.message.borrows(&kind) {
            format!("{name}View<{lifetime}>")
        } else {
            format!("{name}View")
        }
    }

    fn about(&self, field: &Field) -> String {
        let newest = self.message.versions.max().unwrap_or(0);
        let mut text = field.about.trim().to_owned();
        if text.is_empty() {
            text = format!("`{}` in Kafka's definition.", field.kafka_name);
        } else if !text.ends_with('.') {
            text.push('.');
        }
        if field.versions != self.item.versions {
            text.push_str(&format!(" Versions {}.", field.versions.text(newest)));
        }
        names::doc(&text, 4)
    }

    fn owned(&self) -> String {
        let name = &self.item.name;
        let doc = if self.is_message() {
            format!("`{name}`, to be encoded.")
        } else {
            format!("Part of a [`{}`].", self.message.name)
        };
        let derives = if self.has_derived_default() {
            "Clone, Debug, Default, PartialEq"
        } else {
            "Clone, Debug, PartialEq"
        };
        let mut out = format!("/// {doc}\n#[derive({derives})]\npub struct {name} {{\n");
        for f in self.fields() {
            let about = self.about(f.field);
            out.push_str(&format!("{about}pub {}: {},\n", f.field.name, f.owned_type()));
        }
        out + "}\n"
    }

    fn default(&self, of_view: bool) -> String {
        if self.has_derived_default() {
            return String::new();
        }
        let name = if of_view { self.view_name("'_") } else { self.item.name.clone() };
        let mut out = format!("impl Default for {name} {{ fn default() -> Self {{ Self {{\n");
        for f in self.fields() {
            out.push_str(&format!("{}: {},\n", f.field.name, f.default(of_view)));
        }
        out + "} } }\n"
    }

    fn write(&self) -> String {
        if self.is_message() {
            return String::new();
        }
        format!("impl {} {{ {} }}\n", self.item.name, self.write_function())
    }

    /// The function that writes the fields: the trait's for a message, its own for a nested struct.
    fn write_function(&self) -> String {
        let mut body: String = self.fields().map(|f| f.write()).collect();
        let flexible = self.message.flexible.and(&self.item.versions);
        if !flexible.is_empty() {
            let mut tags = String::new();
            let tagged: Vec<_> = self.tagged().iter().map(FieldCode::write_tagged).collect();
            match tagged.is_empty() {
                true => tags.push_str("w.uvarint(0);"),
                false => {
                    let counts: Vec<String> =
                        tagged.iter().map(|(c, _)| format!("u32::from({c})")).collect();
                    tags.push_str(&format!("w.uvarint({});", counts.join(" + ")));
                    for (condition, write) in &tagged {
                        tags.push_str(&format!("if {condition} {{ {write} }}"));
                    }
                }
            }
            body.push_str(&match flexible.condition(&self.item.versions) {
                None => tags,
                Some(_) => format!("if f.flexible {{ {tags} }}"),
            });
        }
        let w = if word(&body, "w") { "w" } else { "_w" };
        let f = if word(&body, "f") { "f" } else { "_f" };
        format!(
            "fn write(&self, {w}: &mut Writer, {f}: Format) -> Result<(), EncodeError> {{ \
             {body} Ok(()) }}"
        )
    }

    fn view(&self) -> String {
        let name = &self.item.name;
        let derives = if self.has_derived_default() {
            "Clone, Copy, Debug, Default"
        } else {
            "Clone, Copy, Debug"
        };
        let view = self.view_name("'a");
        let mut out = format!(
            "/// A [`{name}`] in received bytes.\n#[derive({derives})]\npub struct {view} {{\n"
        );
        for f in self.fields() {
            let field = &f.field.name;
            let link = field.trim_start_matches("r#");
            out.push_str(&format!(
                "/// See [`{name}::{link}`].\npub {field}: {},\n",
                f.view_type()
            ));
        }
        out + "}\n"
    }

    fn read(&self) -> String {
        let mut body: String = self.fields().map(|f| f.read() + "\n").collect();
        let flexible = self.message.flexible.and(&self.item.versions);
        if !flexible.is_empty() {
            let tagged = self.tagged();
            let tags = if tagged.is_empty() {
                "r.tagged_fields(|_, _| Ok(false))?;".to_owned()
            } else {
                let arms: String = tagged.iter().map(FieldCode::read_tagged).collect();
                format!(
                    "r.tagged_fields(|tag, r| {{ match tag {{ {arms} _ => return Ok(false), }} \
                     Ok(true) }})?;"
                )
            };
            body.push_str(&match flexible.condition(&self.item.versions) {
                None => tags,
                Some(_) => format!("if f.flexible {{ {tags} }}"),
            });
        }
        let r = if word(&body, "r") { "r" } else { "_r" };
        let f = if word(&body, "f") { "f" } else { "_f" };
        let body = if word(&body, "v") {
            format!("let mut v = Self::default(); {body} Ok(v)")
        } else {
            format!("{body} Ok(Self::default())")
        };
        let view = self.view_name("'a");
        let least = self.message.least(&self.item.name).max(1);
        format!(
            "impl<'a> View<'a> for {view} {{ const LEAST: usize = {least};\n\n\
             fn read({r}: &mut Reader<'a>, {f}: Format) -> Result<Self, DecodeError> {{ {body} }} }}\n"
        )
    }

    fn convert(&self) -> String {
        let name = &self.item.name;
        let view = self.view_name("'_");
        let fields: String =
            self.fields().map(|f| format!("{}: {},\n", f.field.name, f.convert())).collect();
        let v = if fields.is_empty() { "_v" } else { "v" };
        format!(
            "impl From<{view}> for {name} {{ fn from({v}: {view}) -> Self {{ \
             Self {{ {fields} }} }} }}\n"
        )
    }

    fn fill(&self) -> String {
        let body: String = self.fields().map(|f| f.fill()).collect();
        let g = if word(&body, "g") { "g" } else { "_g" };
        let f = if word(&body, "f") { "f" } else { "_f" };
        let body = if body.is_empty() {
            "Self::default()".to_owned()
        } else {
            format!("let mut m = Self::default(); {body} m")
        };
        format!(
            "#[cfg(any(test, feature = \"fill\"))]\nimpl Filled for {} {{ \
             fn filled({g}: &mut Fill, {f}: Format) -> Self {{ {body} }} }}\n",
            self.item.name
        )
    }
}

/// `impl Message`, `impl Request` and the number of a record.
fn impl_message(message: &Message) -> String {
    let Some(item) = message.structs.first() else { return String::new() };
    let code = StructCode { message, item };
    let name = &message.name;
    let (min, max) = (message.versions.min().unwrap_or(0), message.versions.max().unwrap_or(0));
    let flexible = message.flexible.min().map_or("i16::MAX".to_owned(), |v| v.to_string());
    let write = code.write_function();
    let view = code.view_name("'a");
    let elided = code.view_name("'_");
    let mut out = format!(
        "impl Message for {name} {{
            const NAME: &'static str = {name:?};
            const MIN_VERSION: i16 = {min};
            const MAX_VERSION: i16 = {max};
            const FLEXIBLE_FROM: i16 = {flexible};

            type View<'a> = {view};

            {write}

            fn from_view(view: {elided}) -> Self {{ view.into() }}
        }}\n\n",
    );
    match (message.kind, message.api_key) {
        (Kind::Request, Some(_)) => {
            let stem = name.trim_end_matches("Request");
            out.push_str(&format!(
                "impl Request for {name} {{
                    const KEY: ApiKey = ApiKey::{stem};
                    type Response = super::{stem}Response;
                }}\n"
            ));
        }
        (Kind::Record, Some(key)) => out.push_str(&format!(
            "impl {name} {{
                /// The number that tells this kind of record from others.
                pub const RECORD_TYPE: i16 = {key};
            }}\n"
        )),
        _ => {}
    }
    out
}

/// The text of the index.
pub(super) fn index(messages: &[Message]) -> String {
    let mut out = String::from(
        "//! Messages as `cargo xtask codegen` writes them from Kafka's definitions.
//!
//! One module a message: it holds the message's nested types too, whose names are not unique.
//! Nothing here is written by hand; what all messages share is in the parent module.
#![allow(clippy::field_reassign_with_default)]

mod api_key;
",
    );
    let mut modules: Vec<&Message> = messages.iter().collect();
    modules.sort_by(|a, b| a.module.cmp(&b.module));
    for m in &modules {
        out.push_str(&format!("pub mod {};\n", m.module));
    }
    out.push_str("\npub use api_key::ApiKey;\n");
    for m in &modules {
        out.push_str(&format!("pub use {}::{{{}, {}View}};\n", m.module, m.name, m.name));
    }
    let requests = messages.iter().filter(|m| m.kind == Kind::Request);
    out.push_str(&list_macro("message", messages.iter()));
    out.push_str(&list_macro("request", requests));
    out
}

fn list_macro<'a>(what: &str, messages: impl Iterator<Item = &'a Message>) -> String {
    let names: String = messages.map(|m| format!("            {},\n", m.name)).collect();
    format!(
        "
/// Calls a macro once with further arguments, if there are any, and the names of every {what}, all
/// followed by commas: for tests of every one.
#[macro_export]
macro_rules! for_each_{what} {{
    ($callback:ident $(, $argument:tt)*) => {{
        $callback! {{
            $($argument,)*
{names}        }}
    }};
}}
"
    )
}

/// Whether `name` occurs in `text` as a word.
fn word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
