//! The lines of Rust that one field contributes to its struct's types and functions.

use super::schema::{Default, Field, Message, Struct, Type};

/// A field with what is needed to write code for it.
pub(super) struct FieldCode<'a> {
    pub(super) message: &'a Message,
    pub(super) parent: &'a Struct,
    pub(super) field: &'a Field,
}

impl FieldCode<'_> {
    fn name(&self) -> &str {
        &self.field.name
    }

    fn format(&self) -> &'static str {
        if self.field.rigid { "f.rigid()" } else { "f" }
    }

    /// `Struct.field`, for errors.
    fn path(&self) -> String {
        format!("{}.{}", self.parent.name, self.name().trim_start_matches("r#"))
    }

    /// Type of the field that is encoded.
    pub(super) fn owned_type(&self) -> String {
        let plain = owned(&self.field.kind);
        if self.field.is_option() { format!("Option<{plain}>") } else { plain }
    }

    /// Type of the field in the view.
    pub(super) fn view_type(&self) -> String {
        let plain = view(self.message, &self.field.kind);
        if self.field.is_option() { format!("Option<{plain}>") } else { plain }
    }

    /// Whether Rust's own default is Kafka's.
    pub(super) fn default_is_derived(&self) -> bool {
        match self.field.default {
            Default::Null => true,
            Default::Zero => !self.field.is_option(),
            Default::Literal(_) => false,
        }
    }

    /// Default of the owned field, or of the view's.
    pub(super) fn default(&self, of_view: bool) -> String {
        let value = match &self.field.default {
            Default::Null => return "None".to_owned(),
            Default::Zero => "Default::default()".to_owned(),
            Default::Literal(text) if self.field.kind == Type::String && !of_view => {
                format!("{text}.to_owned()")
            }
            Default::Literal(text) => text.clone(),
        };
        if self.field.is_option() { format!("Some({value})") } else { value }
    }

    /// Whether the owned field differs from its default.
    fn is_set(&self) -> String {
        let x = format!("self.{}", self.name());
        let kind = &self.field.kind;
        match (&self.field.default, kind, self.field.is_option()) {
            (Default::Null, ..) => format!("{x}.is_some()"),
            (Default::Literal(value), Type::Bool, _) if value == "true" => format!("!{x}"),
            (Default::Literal(value), Type::String, true) => {
                format!("{x}.as_deref() != Some({value})")
            }
            (Default::Literal(value), ..) => format!("{x} != {value}"),
            (Default::Zero, Type::Bool, _) => x,
            (Default::Zero, Type::Uuid, _) => format!("!{x}.is_zero()"),
            (Default::Zero, Type::Struct(name), false) => format!("{x} != {name}::default()"),
            (Default::Zero, Type::Struct(name), true) => {
                format!("{x}.as_ref() != Some(&{name}::default())")
            }
            (Default::Zero, kind, option) if kind.scalar().is_none() && option => {
                format!("{x}.as_ref().is_none_or(|x| !x.is_empty())")
            }
            (Default::Zero, kind, _) if kind.scalar().is_none() => format!("!{x}.is_empty()"),
            (Default::Zero, Type::F64, _) => format!("{x} != 0.0"),
            (Default::Zero, ..) => format!("{x} != 0"),
        }
    }

    /// Statements that write the field where it is not a tagged one.
    pub(super) fn write(&self) -> String {
        let all = &self.parent.versions;
        let plain = self.field.versions.without(&self.field.tagged);
        let mut out = String::new();
        if !plain.is_empty() {
            let statements = self.write_value();
            out = match plain.condition(all) {
                None => statements,
                Some(condition) => format!("if {condition} {{ {statements} }}"),
            };
        }
        if !self.field.ignorable
            && let Some(condition) = all.without(&self.field.versions).condition_or_always(all)
        {
            let error = format!(
                "return Err(EncodeError::FieldNotInVersion {{ field: {:?}, version: f.version }});",
                self.path()
            );
            let is_set = self.is_set();
            if plain.condition(all).is_some() && self.field.tagged.is_empty() {
                out.push_str(&format!(" else if {is_set} {{ {error} }}"));
            } else {
                out.push_str(&format!("if {condition} && {is_set} {{ {error} }}"));
            }
        }
        out.push('\n');
        out
    }

    /// The condition for the tagged field to be sent, and the statements that write its content.
    pub(super) fn write_tagged(&self) -> (String, String) {
        let is_set = self.is_set();
        let condition = match self.field.tagged.condition(&self.parent.versions) {
            Some(condition) => format!("{condition} && {is_set}"),
            None => is_set,
        };
        let content = self.write_value();
        let tag = self.field.tag;
        (condition, format!("let tag = w.begin_tag({tag}); {content} w.end_tag(tag)?;"))
    }

    /// The condition for versions that have the field but do not allow it to be null.
    fn never_null(&self) -> Option<String> {
        let not_null = self.field.versions.without(&self.field.nullable);
        let all = &self.parent.versions;
        if not_null.is_empty() { None } else { not_null.condition(all) }
    }

    fn write_value(&self) -> String {
        let x = format!("self.{}", self.name());
        let f = self.format();
        if !self.field.is_option() {
            return write_plain(&self.field.kind, &x, f);
        }
        let mut out = String::new();
        if let Some(not_null) = self.never_null() {
            out.push_str(&format!(
                "if {x}.is_none() && {not_null} {{ return Err(EncodeError::NullNotInVersion \
                 {{ field: {:?}, version: f.version }}); }}",
                self.path()
            ));
        }
        let write = match &self.field.kind {
            Type::String => format!("w.nullable_string({x}.as_deref(), {f})?;"),
            Type::Bytes => format!("w.nullable_bytes({x}.as_deref(), {f})?;"),
            Type::Records => format!("w.nullable_records({x}.as_deref(), {f})?;"),
            Type::Struct(_) => format!(
                "w.present({x}.is_some()); if let Some(value) = &{x} {{ value.write(w, {f})?; }}"
            ),
            kind => {
                let some = write_plain(kind, "values", f);
                format!("match &{x} {{ Some(values) => {{ {some} }} None => w.null({f}) }}")
            }
        };
        out + &write
    }

    /// Statements that read the field where it is not a tagged one.
    pub(super) fn read(&self) -> String {
        let plain = self.field.versions.without(&self.field.tagged);
        if plain.is_empty() {
            return String::new();
        }
        let statements = self.read_value();
        match plain.condition(&self.parent.versions) {
            None => statements,
            Some(condition) => format!("if {condition} {{ {statements} }}"),
        }
    }

    /// The match arm that reads the tagged field.
    pub(super) fn read_tagged(&self) -> String {
        let guard = match self.field.tagged.condition(&self.parent.versions) {
            Some(condition) => format!(" if {condition}"),
            None => String::new(),
        };
        format!("{}{guard} => {{ {} }}", self.field.tag, self.read_value())
    }

    fn read_value(&self) -> String {
        let name = self.name();
        let f = self.format();
        let option = self.field.is_option();
        let nullable = if option { "nullable_" } else { "" };
        let read = match &self.field.kind {
            Type::String => format!("r.{nullable}string({f})?"),
            Type::Bytes | Type::Records => format!("r.{nullable}bytes({f})?"),
            Type::Array(_) if option => format!("Array::read_nullable(r, {f})?"),
            Type::Array(_) => format!("Array::read(r, {f})?"),
            Type::Struct(name) if option => {
                format!("if r.present()? {{ Some({name}View::read(r, {f})?) }} else {{ None }}")
            }
            Type::Struct(name) => format!("{name}View::read(r, {f})?"),
            kind => format!("r.{}()?", kind.scalar().map_or("", |(method, _)| method)),
        };
        let check = match self.never_null() {
            Some(not_null) if option => format!(
                "if v.{name}.is_none() && {not_null} {{ \
                 return Err(r.error(DecodeErrorKind::UnexpectedNull)); }}"
            ),
            _ => String::new(),
        };
        format!("v.{name} = {read}; {check}")
    }

    /// The owned value out of the view's.
    pub(super) fn convert(&self) -> String {
        let x = format!("v.{}", self.name());
        if !self.field.is_option() {
            return convert_plain(&self.field.kind, &x);
        }
        match &self.field.kind {
            Type::Struct(_) | Type::String | Type::Bytes => format!("{x}.map(Into::into)"),
            kind => format!("{x}.map(|x| {})", convert_plain(kind, "x")),
        }
    }

    /// Statements that fill the owned field with a random value.
    pub(super) fn fill(&self) -> String {
        let name = self.name();
        let some = fill_plain(&self.field.kind);
        let value = if self.field.is_option() {
            let may_be_null = self.field.nullable.condition(&self.field.versions);
            let condition = may_be_null.map_or(String::new(), |c| format!("{c} && "));
            format!("if {condition}g.null() {{ None }} else {{ Some({some}) }}")
        } else {
            some
        };
        let statement = format!("m.{name} = {value};\n");
        match self.field.versions.condition(&self.parent.versions) {
            None => statement,
            Some(condition) => format!("if {condition} {{ {statement} }}\n"),
        }
    }
}

fn owned(kind: &Type) -> String {
    match kind {
        Type::String => "String".to_owned(),
        Type::Bytes => "Vec<u8>".to_owned(),
        Type::Records => "Records".to_owned(),
        Type::Struct(name) => name.clone(),
        Type::Array(element) => format!("Vec<{}>", owned(element)),
        kind => kind.scalar().map_or("", |(_, name)| name).to_owned(),
    }
}

fn view(message: &Message, kind: &Type) -> String {
    match kind {
        Type::String => "&'a str".to_owned(),
        Type::Bytes | Type::Records => "&'a [u8]".to_owned(),
        Type::Struct(name) if message.borrows(kind) => format!("{name}View<'a>"),
        Type::Struct(name) => format!("{name}View"),
        Type::Array(element) => format!("Array<'a, {}>", view(message, element)),
        kind => kind.scalar().map_or("", |(_, name)| name).to_owned(),
    }
}

/// Statements that write the value of the expression `x`, which is not an `Option`.
fn write_plain(kind: &Type, x: &str, f: &str) -> String {
    let borrow = if x.starts_with("self.") { "&" } else { "" };
    match kind {
        Type::String => format!("w.string({borrow}{x}, {f})?;"),
        Type::Bytes => format!("w.bytes({borrow}{x}, {f})?;"),
        Type::Records => format!("w.records({borrow}{x}, {f})?;"),
        Type::Struct(_) => format!("{x}.write(w, {f})?;"),
        Type::Array(element) => {
            let value = if element.scalar().is_some() { "*value" } else { "value" };
            let write = write_plain(element, value, f);
            format!("w.count({x}.len(), {f})?; for value in {borrow}{x} {{ {write} }}")
        }
        kind => format!("w.{}({x});", kind.scalar().map_or("", |(method, _)| method)),
    }
}

fn convert_plain(kind: &Type, x: &str) -> String {
    match kind {
        Type::String | Type::Bytes | Type::Struct(_) => format!("{x}.into()"),
        Type::Records => format!("vec![Slice::copy_from({x})]"),
        Type::Array(element) if element.scalar().is_some() => format!("{x}.iter().collect()"),
        Type::Array(_) => format!("{x}.iter().map(Into::into).collect()"),
        _ => x.to_owned(),
    }
}

fn fill_plain(kind: &Type) -> String {
    match kind {
        Type::String => "g.string()".to_owned(),
        Type::Bytes => "g.bytes()".to_owned(),
        Type::Records => "g.records()".to_owned(),
        Type::Struct(name) => format!("{name}::filled(g, f)"),
        Type::Array(element) => format!("g.array(|g| {})", fill_plain(element)),
        kind => format!("g.{}()", kind.scalar().map_or("", |(method, _)| method)),
    }
}
