//! Listeners: `NAME://HOST:PORT`.

use std::fmt;
use std::str::FromStr;

use super::value::Element;

/// An address to listen on, or to tell clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    /// Its name, upper case.
    pub name: String,
    /// Host name or address, without brackets; empty is "every address".
    pub host: String,
    /// Port.
    pub port: u16,
}

/// How a listener is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityProtocol {
    /// Not at all.
    Plaintext,
    /// By TLS.
    Ssl,
    /// By SASL.
    SaslPlaintext,
    /// By both.
    SaslSsl,
}

impl SecurityProtocol {
    /// The protocol of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "PLAINTEXT" => Some(Self::Plaintext),
            "SSL" => Some(Self::Ssl),
            "SASL_PLAINTEXT" => Some(Self::SaslPlaintext),
            "SASL_SSL" => Some(Self::SaslSsl),
            _ => None,
        }
    }
}

/// A text that is not a listener.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a listener: expected NAME://HOST:PORT such as PLAINTEXT://0.0.0.0:9092")]
pub struct ListenerError {
    text: String,
}

impl FromStr for Listener {
    type Err = ListenerError;

    fn from_str(text: &str) -> Result<Self, ListenerError> {
        let wrong = || ListenerError { text: text.to_owned() };
        let (name, address) = text.split_once("://").ok_or_else(wrong)?;
        let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = bracketed.unwrap_or(host);
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let name_ok = !name.is_empty() && name.chars().all(word);
        let host_ok = (bracketed.is_some() || !host.contains(':'))
            && !host.contains(|c: char| c.is_whitespace() || c == '/');
        let port = port.parse().map_err(|_| wrong())?;
        if !name_ok || !host_ok {
            return Err(wrong());
        }
        Ok(Self { name: name.to_ascii_uppercase(), host: host.to_owned(), port })
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.name, self.address())
    }
}

impl Listener {
    /// `HOST:PORT`, as clients write it.
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl Element for Listener {
    fn element(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: ListenerError| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_are_read_as_kafka_writes_them() {
        for (text, name, host, port) in [
            ("PLAINTEXT://127.0.0.1:9092", "PLAINTEXT", "127.0.0.1", 9092),
            ("plaintext://:0", "PLAINTEXT", "", 0),
            ("EXTERNAL://[::1]:19092", "EXTERNAL", "::1", 19092),
        ] {
            let listener: Listener = text.parse().unwrap();
            let expected = Listener { name: name.into(), host: host.into(), port };
            assert_eq!(listener, expected);
        }
        let six: Listener = "A://[::1]:1".parse().unwrap();
        assert_eq!(six.to_string(), "A://[::1]:1");
    }

    #[test]
    fn what_is_no_listener_is_refused() {
        for text in
            ["", "9092", "host:9092", "A://host", "A://host:99999", "A://::1:9", "A://a b:9"]
        {
            assert!(text.parse::<Listener>().is_err(), "{text}");
        }
    }
}
