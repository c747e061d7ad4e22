//! JSON in memory, as `serde_json` prints it to the byte, for lists of thousands of objects: texts
//! are looked through for what must be escaped as a whole, and not byte by byte.

use std::fmt::{self, Write as _};

use serde::ser::{self, Serialize, Serializer};
use serde_json::Error;

/// Prints a value behind what is there.
///
/// # Errors
/// Where the value says so; nothing that this crate prints does.
pub(super) fn print(body: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
    value.serialize(Json(body))
}

/// A place for one value.
struct Json<'b>(&'b mut Vec<u8>);

/// The inside of an array or an object.
struct Inside<'b> {
    body: &'b mut Vec<u8>,
    is_first: bool,
    /// What it ends with.
    end: &'static [u8],
}

fn text(body: &mut Vec<u8>, text: &str) {
    body.reserve(text.len() + 2);
    body.push(b'"');
    escaped(body, text);
    body.push(b'"');
}

/// A part of a text.
fn escaped(body: &mut Vec<u8>, text: &str) {
    let must_be_escaped = |byte: u8| u8::from(byte < 0x20 || byte == b'"' || byte == b'\\');
    // Without a way out of the loop the processor looks at many bytes at once.
    if text.bytes().fold(0, |any, byte| any | must_be_escaped(byte)) == 0 {
        return body.extend_from_slice(text.as_bytes());
    }
    for byte in text.bytes() {
        match byte {
            b'"' => body.extend_from_slice(b"\\\""),
            b'\\' => body.extend_from_slice(b"\\\\"),
            b'\n' => body.extend_from_slice(b"\\n"),
            b'\r' => body.extend_from_slice(b"\\r"),
            b'\t' => body.extend_from_slice(b"\\t"),
            0x08 => body.extend_from_slice(b"\\b"),
            0x0c => body.extend_from_slice(b"\\f"),
            0..0x20 => {
                // Writing to memory cannot fail.
                let _ = write!(Text(body), "\\u{byte:04x}");
            }
            _ => body.push(byte),
        }
    }
}

/// Takes what is formatted as it is.
struct Text<'b>(&'b mut Vec<u8>);

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Takes what is formatted as a part of a text.
struct Escaped<'b>(&'b mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escaped(self.0, text);
        Ok(())
    }
}

impl<'b> Json<'b> {
    fn word(self, word: fmt::Arguments<'_>) -> Result<(), Error> {
        Text(self.0).write_fmt(word).map_err(ser::Error::custom)
    }

    fn open(self, begin: &[u8], end: &'static [u8]) -> Inside<'b> {
        self.0.extend_from_slice(begin);
        Inside { body: self.0, is_first: true, end }
    }

    /// An object whose only member has this name.
    fn variant(self, name: &str) -> &'b mut Vec<u8> {
        self.0.push(b'{');
        text(self.0, name);
        self.0.push(b':');
        self.0
    }
}

impl Inside<'_> {
    fn next(&mut self) {
        if !self.is_first {
            self.body.push(b',');
        }
        self.is_first = false;
    }

    fn element(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.next();
        print(self.body, value)
    }

    fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.next();
        text(self.body, name);
        self.body.push(b':');
        print(self.body, value)
    }

    fn close(self) {
        self.body.extend_from_slice(self.end);
    }
}

/// Numbers and the like, printed as Rust prints them.
macro_rules! words {
    ($($verb:ident: $type:ty),*) => {$(
        fn $verb(self, value: $type) -> Result<(), Error> {
            self.word(format_args!("{value}"))
        }
    )*};
}

impl<'b> Serializer for Json<'b> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Inside<'b>;
    type SerializeTuple = Inside<'b>;
    type SerializeTupleStruct = Inside<'b>;
    type SerializeTupleVariant = Inside<'b>;
    type SerializeMap = Inside<'b>;
    type SerializeStruct = Inside<'b>;
    type SerializeStructVariant = Inside<'b>;

    words!(
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128
    );

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        serde_json::to_writer(self.0, &value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        serde_json::to_writer(self.0, &value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        text(self.0, value);
        Ok(())
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.0.push(b'"');
        write!(Escaped(self.0), "{value}").map_err(ser::Error::custom)?;
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.word(format_args!("null"))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let body = self.variant(name);
        print(body, value)?;
        body.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Inside<'b>, Error> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Inside<'b>, Error> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Inside<'b>, Error> {
        Ok(self.open(b"[", b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Inside<'b>, Error> {
        Ok(Json(self.variant(name)).open(b"[", b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Inside<'b>, Error> {
        Ok(self.open(b"{", b"}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Inside<'b>, Error> {
        Ok(self.open(b"{", b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Inside<'b>, Error> {
        Ok(Json(self.variant(name)).open(b"{", b"}}"))
    }
}

/// Arrays, in serde's several words for them.
macro_rules! arrays {
    ($($kind:ident $verb:ident),*) => {$(
        impl ser::$kind for Inside<'_> {
            type Ok = ();
            type Error = Error;

            fn $verb<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.element(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )*};
}

arrays!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

/// Objects whose members have names in the program.
macro_rules! objects {
    ($($kind:ident),*) => {$(
        impl ser::$kind for Inside<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.member(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )*};
}

objects!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Inside<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.next();
        let begin = self.body.len();
        print(self.body, key)?;
        match self.body.get(begin) {
            Some(b'"') => Ok(()),
            _ => Err(ser::Error::custom("the name of a member must be a text")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.body.push(b':');
        print(self.body, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
