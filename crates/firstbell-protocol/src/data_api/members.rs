//! Members of printed objects. Those whose values are facts of the roster are listed in tables (see
//! [`tables`](super::tables)), of which both the printed object and its schema are made, so that
//! neither can say what the other does not.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::schema::{self, Schema};
use super::words::Words;
use super::{Facts, Told};

/// A member whose value is a fact.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactMember {
    /// The name on the wire.
    pub name: &'static str,
    /// The name among the facts; of an object, the beginning of its members' names.
    pub fact: &'static str,
    /// Who is told has it.
    pub group: Told,
    /// What its value looks like.
    pub form: Form,
}

/// What a value looks like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// As the roster has it.
    Text(Unknown),
    /// One word of these.
    Word(&'static Words, Unknown),
    /// `YYYY-MM-DD` in the roster, `M/D/YYYY` on the wire.
    Day(Unknown),
    /// A list of the one text that the roster has, or of none.
    Texts,
    /// A list that is empty, because no roster says what belongs there.
    NothingYet,
    /// An object with these members.
    Object(&'static [FactMember], Hollow),
    /// An object of all facts that begin with the name.
    Rest,
}

/// How it is told that a fact is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// There is no such member.
    Absent,
    /// `null`.
    Null,
    /// `""`.
    Empty,
}

/// What becomes of an object no member of which is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hollow {
    /// It is printed with its unknown members.
    Kept,
    /// There is no such member.
    Absent,
}

/// The members of one object, written one after the other.
pub(super) struct Members<M>(M);

impl<M: SerializeMap> Members<M> {
    /// Begins an object.
    pub fn of<S>(serializer: S) -> Result<Self, S::Error>
    where
        S: Serializer<SerializeMap = M>,
    {
        Ok(Self(serializer.serialize_map(None)?))
    }

    /// Ends the object.
    pub fn end(self) -> Result<M::Ok, M::Error> {
        self.0.end()
    }

    /// A member; what is None is `null`.
    pub fn put(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }

    /// A member where there is a value.
    pub fn put_known(&mut self, name: &str, value: Option<impl Serialize>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.0.serialize_entry(name, &value))
    }

    /// The members of these tables, as far as their groups are told.
    pub fn put_facts(
        &mut self,
        tables: &Tables,
        facts: Facts<'_>,
        told: Told,
    ) -> Result<(), M::Error> {
        tables
            .iter()
            .copied()
            .flatten()
            .filter(|member| told.includes(member.group))
            .try_for_each(|member| self.put_fact(member, facts))
    }

    fn put_fact(&mut self, member: &FactMember, facts: Facts<'_>) -> Result<(), M::Error> {
        let FactMember { name, fact, form, .. } = *member;
        match form {
            Form::Text(unknown) => self.put_or(name, facts.get(fact), unknown),
            Form::Word(words, unknown) => {
                self.put_or(name, facts.get(fact).map(|value| words.word(value)), unknown)
            }
            Form::Day(unknown) => self.put_or(name, facts.get(fact).map(Day), unknown),
            Form::Texts => self.put(name, facts.get(fact).as_slice()),
            Form::NothingYet => self.put(name, &[(); 0]),
            Form::Object(members, hollow) => {
                let object = FactObject { members, facts };
                let is_hollow = members.iter().all(|member| facts.get(member.fact).is_none());
                if is_hollow && hollow == Hollow::Absent { Ok(()) } else { self.put(name, &object) }
            }
            Form::Rest => self.put(name, &FactMap { facts, prefix: fact }),
        }
    }

    fn put_or(
        &mut self,
        name: &str,
        value: Option<impl Serialize>,
        unknown: Unknown,
    ) -> Result<(), M::Error> {
        match (value, unknown) {
            (Some(value), _) => self.put(name, &value),
            (None, Unknown::Absent) => Ok(()),
            (None, Unknown::Null) => self.put(name, &()),
            (None, Unknown::Empty) => self.put(name, ""),
        }
    }
}

/// Tables of members, each adding to those before.
pub(super) type Tables = [&'static [FactMember]];

/// An object of facts.
struct FactObject<'a> {
    members: &'static [FactMember],
    facts: Facts<'a>,
}

impl Serialize for FactObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members::of(serializer)?;
        self.members.iter().try_for_each(|member| members.put_fact(member, self.facts))?;
        members.end()
    }
}

/// All facts that begin with a prefix, without it.
struct FactMap<'a> {
    facts: Facts<'a>,
    prefix: &'a str,
}

impl Serialize for FactMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.facts.under(self.prefix))
    }
}

/// A date as month, day and year, without zeros before them.
struct Day<'a>(&'a str);

impl Serialize for Day<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut parts = self.0.splitn(3, '-');
        let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next())
        else {
            return serializer.serialize_str(self.0);
        };
        let (month, day) = (month.trim_start_matches('0'), day.trim_start_matches('0'));
        serializer.collect_str(&format_args!("{month}/{day}/{year}"))
    }
}

/// A list printed from an iterator, without a vector between.
pub(super) struct Sequence<I>(pub I);

impl<I> Serialize for Sequence<I>
where
    I: Iterator<Item: Serialize> + Clone,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        self.0.clone().try_for_each(|item| sequence.serialize_element(&item))?;
        sequence.end()
    }
}

impl Schema {
    /// The members of these tables. Each may be absent: its group may not be told.
    pub fn facts(self, tables: &Tables) -> Self {
        let members = tables.iter().copied().flatten();
        members.fold(self, |schema, member| schema.may(member.name, member.schema()))
    }
}

impl FactMember {
    fn schema(&self) -> Value {
        match self.form {
            Form::Text(unknown) => or_null(schema::text(), unknown),
            Form::Word(words, unknown) => or_null(schema::word(words), unknown),
            Form::Day(unknown) => or_null(schema::day(), unknown),
            Form::Texts => schema::list(&schema::text()),
            Form::NothingYet => schema::list(&schema::texts()),
            Form::Object(members, _) => {
                let inside = members.iter().fold(Schema::default(), |object, member| {
                    let is_always = member.unknown() != Unknown::Absent;
                    let value = member.schema();
                    if is_always {
                        object.always(member.name, value)
                    } else {
                        object.may(member.name, value)
                    }
                });
                inside.value()
            }
            Form::Rest => schema::texts(),
        }
    }

    fn unknown(&self) -> Unknown {
        match self.form {
            Form::Text(unknown) | Form::Word(_, unknown) | Form::Day(unknown) => unknown,
            Form::Object(_, Hollow::Absent) => Unknown::Absent,
            Form::Object(_, Hollow::Kept) | Form::Texts | Form::NothingYet | Form::Rest => {
                Unknown::Empty
            }
        }
    }
}

fn or_null(mut value: Value, unknown: Unknown) -> Value {
    if unknown != Unknown::Null {
        return value;
    }
    if let Some(words) = value.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    schema::nullable(value)
}
