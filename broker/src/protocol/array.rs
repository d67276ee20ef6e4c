//! Arrays as views: decoded element by element when somebody looks, after one check of them all.

use std::fmt;
use std::marker::PhantomData;

use super::error::{DecodeError, DecodeErrorKind};
use super::format::Format;
use super::reader::Reader;
use super::uuid::Uuid;

/// A type that can be read in place out of received bytes, without allocating.
pub trait View<'a>: Sized {
    /// Least number of bytes a value takes in any version; at least one, so that a count can be
    /// checked against the bytes that are left.
    const LEAST: usize;

    /// Number of bytes, when that is the same for every value, version and format: lets an array be
    /// passed over without looking at its elements.
    const FIXED: Option<usize> = None;

    /// Reads one value and moves the reader behind it.
    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError>;
}

macro_rules! primitive {
    ($($type:ty, $size:literal, $read:ident;)*) => {$(
        impl<'a> View<'a> for $type {
            const LEAST: usize = $size;
            const FIXED: Option<usize> = Some($size);

            fn read(r: &mut Reader<'a>, _: Format) -> Result<Self, DecodeError> {
                r.$read()
            }
        }
    )*};
}

primitive! {
    bool, 1, bool;
    i8, 1, i8;
    i16, 2, i16;
    u16, 2, u16;
    i32, 4, i32;
    u32, 4, u32;
    i64, 8, i64;
    f64, 8, f64;
    Uuid, 16, uuid;
}

impl<'a> View<'a> for &'a str {
    const LEAST: usize = 1;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        r.string(f)
    }
}

impl<'a> View<'a> for &'a [u8] {
    const LEAST: usize = 1;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        r.bytes(f)
    }
}

/// An array in received bytes. Every element was checked when the array was read, so that iterating
/// cannot fail; an element is decoded anew each time it is visited. Takes the same few bytes of
/// memory whatever its length.
pub struct Array<'a, T> {
    bytes: &'a [u8],
    len: usize,
    format: Format,
    element: PhantomData<fn() -> T>,
}

impl<'a, T: View<'a>> Array<'a, T> {
    /// Reads an array and checks each of its elements.
    pub fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        Self::read_nullable(r, f)?.ok_or_else(|| r.error(DecodeErrorKind::UnexpectedNull))
    }

    /// Reads an array that may be null.
    pub fn read_nullable(r: &mut Reader<'a>, f: Format) -> Result<Option<Self>, DecodeError> {
        let Some(len) = r.count(f)? else { return Ok(None) };
        r.check_count(len, T::LEAST)?;
        let start = r.rest();
        match T::FIXED {
            Some(size) => {
                r.take(len * size)?;
            }
            None => {
                for _ in 0..len {
                    T::read(r, f)?;
                }
            }
        }
        let (bytes, _) = start.split_at(start.len() - r.remaining());
        Ok(Some(Self { bytes, len, format: f, element: PhantomData }))
    }

    /// The elements, in order.
    pub fn iter(&self) -> Iter<'a, T> {
        let reader = Reader::new(self.bytes);
        Iter { reader, left: self.len, format: self.format, element: PhantomData }
    }

    /// The first element.
    pub fn first(&self) -> Option<T> {
        self.iter().next()
    }
}

impl<T> Array<'_, T> {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<T> Clone for Array<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Array<'_, T> {}

impl<T> Default for Array<'_, T> {
    fn default() -> Self {
        let format = Format { version: 0, flexible: false };
        Self { bytes: &[], len: 0, format, element: PhantomData }
    }
}

impl<'a, T: View<'a> + fmt::Debug> fmt::Debug for Array<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: View<'a>> IntoIterator for Array<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T: View<'a>> IntoIterator for &Array<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// The elements of an [`Array`], in order.
pub struct Iter<'a, T> {
    reader: Reader<'a>,
    left: usize,
    format: Format,
    element: PhantomData<fn() -> T>,
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self { element: PhantomData, ..*self }
    }
}

impl<'a, T: View<'a>> Iterator for Iter<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        let element = T::read(&mut self.reader, self.format);
        debug_assert!(element.is_ok(), "the array was checked when it was read");
        element.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<'a, T: View<'a>> ExactSizeIterator for Iter<'a, T> {}
