//! Scenarios that come with the program, after published comparisons of this field.

/// A scenario that comes with the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Builtin {
    /// Its name, which is that of its file.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) text: &'static str,
}

macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        &[$(Builtin {
            name: $name,
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        }),*]
    };
}

/// All of them.
pub(crate) const BUILTIN: &[Builtin] =
    builtin!["many-producers", "keyed-small-batches", "retention", "backlog-drain", "long-run"];

/// The one of that name.
pub(crate) fn builtin(name: &str) -> Option<&'static Builtin> {
    BUILTIN.iter().find(|builtin| builtin.name == name)
}
