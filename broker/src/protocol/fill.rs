//! Random messages, for tests: every field that a version has gets some value of its type.

use ringlog_engine::arena::Slice;

use super::format::Format;
use super::uuid::Uuid;
use super::writer::Records;

/// A message or nested struct that can be filled with random values.
pub trait Filled {
    /// A value with the fields that the version has, each with a random value.
    fn filled(g: &mut Fill, f: Format) -> Self;
}

/// A stream of random values, the same for the same seed.
#[derive(Clone, Debug)]
pub struct Fill {
    state: u64,
}

impl Fill {
    /// A stream of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Small numbers, negative ones and extremes, all of them often.
    fn number(&mut self) -> i64 {
        match self.next() % 8 {
            0 => 0,
            1 => -1,
            2 => i64::MAX,
            3 => i64::MIN,
            4 => self.next() as i64,
            _ => (self.next() % 300) as i64,
        }
    }

    /// Whether a nullable field is null: one in four is.
    pub fn null(&mut self) -> bool {
        self.next().is_multiple_of(4)
    }

    /// A boolean.
    pub fn bool(&mut self) -> bool {
        self.next().is_multiple_of(2)
    }

    /// A signed byte.
    pub fn i8(&mut self) -> i8 {
        self.number() as i8
    }

    /// Two bytes, signed.
    pub fn i16(&mut self) -> i16 {
        self.number() as i16
    }

    /// Two bytes, unsigned.
    pub fn u16(&mut self) -> u16 {
        self.number() as u16
    }

    /// Four bytes, signed.
    pub fn i32(&mut self) -> i32 {
        self.number() as i32
    }

    /// Four bytes, unsigned.
    pub fn u32(&mut self) -> u32 {
        self.number() as u32
    }

    /// Eight bytes, signed.
    pub fn i64(&mut self) -> i64 {
        self.number()
    }

    /// A number that equals itself.
    pub fn f64(&mut self) -> f64 {
        self.number() as f64 / 8.0
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self) -> Uuid {
        Uuid((u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes())
    }

    /// Up to twenty letters of one to three bytes; now and then so many that the length takes more
    /// than one byte.
    pub fn string(&mut self) -> String {
        let len = if self.next().is_multiple_of(16) { 200 } else { self.next() % 20 };
        let letter = |n| match n % 5 {
            0 => 'a',
            1 => 'z',
            2 => '-',
            3 => 'é',
            _ => '€',
        };
        (0..len).map(|_| letter(self.next())).collect()
    }

    /// Up to twenty bytes, now and then 200.
    pub fn bytes(&mut self) -> Vec<u8> {
        let len = if self.next().is_multiple_of(16) { 200 } else { self.next() % 20 };
        (0..len).map(|_| self.next() as u8).collect()
    }

    /// One piece of bytes, as a decoded message has them.
    pub fn records(&mut self) -> Records {
        vec![Slice::copy_from(&self.bytes())]
    }

    /// Up to three elements.
    pub fn array<T>(&mut self, mut element: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.next() % 4).map(|_| element(self)).collect()
    }
}
