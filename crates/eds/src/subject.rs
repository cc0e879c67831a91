//! Whom a certificate names.

use std::fmt;

use der::{Tag, asn1::ObjectIdentifier};

use crate::{Reason, limits, oid, tlv::Tlv};

/// Whom a certificate names, by the profile of the state's certification authority. Personal data: shows nothing of
/// itself in debug output.
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Subject {
    /// CN: surname and given name of a person, the name of an authority or system.
    pub common_name: Option<String>,
    /// SN: surname.
    pub surname: Option<String>,
    /// GN: the patronymic, not the given name.
    pub patronymic: Option<String>,
    /// serialNumber `IIN…`: the person's twelve digits.
    pub iin: Option<String>,
    /// O: the organization.
    pub organization: Option<String>,
    /// OU `BIN…`: the organization's twelve digits.
    pub bin: Option<String>,
}

impl Subject {
    /// Reads a Name. Parts in a form other than UTF8String, PrintableString or IA5String are passed over.
    pub(crate) fn read(name: Tlv<'_>) -> Result<Self, Reason> {
        let mut subject = Self::default();
        let sets = name.is(Tag::Sequence)?.open()?.all(limits::ATTRIBUTES_MAX, |set| set.is(Tag::Set))?;
        for set in sets {
            for (kind, text) in set.open()?.all(limits::ATTRIBUTES_MAX, attribute)? {
                subject.take(kind, text)?;
            }
        }
        Ok(subject)
    }

    fn take(&mut self, kind: ObjectIdentifier, text: Option<&str>) -> Result<(), Reason> {
        let Some(text) = text else { return Ok(()) };
        match kind {
            oid::COMMON_NAME => first(&mut self.common_name, text),
            oid::SURNAME => first(&mut self.surname, text),
            oid::GIVEN_NAME => first(&mut self.patronymic, text),
            oid::ORGANIZATION => first(&mut self.organization, text),
            oid::SERIAL_NUMBER => return only(&mut self.iin, text.strip_prefix("IIN")),
            oid::ORGANIZATIONAL_UNIT => return only(&mut self.bin, text.strip_prefix("BIN")),
            _ => {}
        }
        Ok(())
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(******)")
    }
}

/// Of names that stand there twice the first is shown.
fn first(field: &mut Option<String>, text: &str) {
    field.get_or_insert_with(|| text.to_owned());
}

/// A number says who somebody is, and must not stand there twice. Anything but twelve digits is no number.
fn only(field: &mut Option<String>, text: Option<&str>) -> Result<(), Reason> {
    let is_number = |text: &&str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.filter(is_number).and_then(|number| field.replace(number.to_owned())) {
        Some(_) => Err(Reason::AmbiguousSubject),
        None => Ok(()),
    }
}

fn attribute(tlv: Tlv<'_>) -> Result<(ObjectIdentifier, Option<&str>), Reason> {
    let mut parts = tlv.is(Tag::Sequence)?.open()?;
    let kind = parts.oid()?;
    let value = parts.next()?;
    parts.finish()?;
    let text = match value.tag {
        Tag::Utf8String => Some(std::str::from_utf8(value.value).map_err(|_| Reason::Malformed)?),
        Tag::PrintableString | Tag::Ia5String => Some(
            std::str::from_utf8(value.value).ok().filter(|text| text.is_ascii()).ok_or(Reason::Malformed)?,
        ),
        _ => None,
    };
    Ok((kind, text))
}

/// What the state's certification authority says a certificate's holder is, by an extended key usage of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A person.
    Individual,
    /// A person's information system.
    IndividualSystem,
    /// Somebody of a legal entity.
    Entity,
    /// The head of a legal entity.
    Head,
    /// Somebody with the right to sign for a legal entity.
    RightToSign,
    /// Somebody with the right to the financial signature.
    FinancialSignature,
    /// Somebody of the personnel department.
    Personnel,
    /// An employee.
    Employee,
    /// A legal entity's information system.
    EntitySystem,
}

impl Role {
    /// By extended key usage; none for those that name no role.
    pub(crate) fn of(usage: &ObjectIdentifier) -> Option<Self> {
        Some(match *usage {
            oid::INDIVIDUAL => Self::Individual,
            oid::INDIVIDUAL_SYSTEM => Self::IndividualSystem,
            oid::ENTITY => Self::Entity,
            oid::HEAD => Self::Head,
            oid::RIGHT_TO_SIGN => Self::RightToSign,
            oid::FINANCIAL_SIGNATURE => Self::FinancialSignature,
            oid::PERSONNEL => Self::Personnel,
            oid::EMPLOYEE => Self::Employee,
            oid::ENTITY_SYSTEM => Self::EntitySystem,
            _ => return None,
        })
    }
}
