//! The limits of what a content script says. The script keeps them; a page that forges its messages
//! gains nothing by larger ones.

use super::{
    Answered, ButtonFacts, ContentRequest, FieldFacts, Filled, FormFacts, PageFacts, Submitted,
};
use crate::{
    error::{ErrorCode, WireError},
    limits::{
        OFFER_USERNAME_MAX_CHARS, PAGE_BUTTONS_MAX, PAGE_FIELDS_MAX, PAGE_TEXT_MAX_CHARS,
        TYPED_VALUE_MAX_CHARS, TYPED_VALUES_MAX,
    },
};

impl ContentRequest {
    /// Checks what its types do not say: lengths, counts and positions.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`] beyond a limit, [`ErrorCode::InvalidField`] for a position that is
    /// none.
    pub fn check(&self) -> Result<(), WireError> {
        match self {
            Self::PageFacts(facts) => facts.check(),
            Self::Attend(it) => it.facts.check(),
            Self::Submitted(it) => it.check(),
            Self::Filled(Filled { fields, .. }) => at_most(fields.len(), PAGE_FIELDS_MAX),
            Self::Answered(Answered { username, .. }) => short(username, OFFER_USERNAME_MAX_CHARS),
            Self::Choose(_) | Self::Outcome(_) => Ok(()),
        }
    }
}

impl PageFacts {
    fn check(&self) -> Result<(), WireError> {
        at_most(self.fields.len(), PAGE_FIELDS_MAX)?;
        at_most(self.forms.len(), self.fields.len())?;
        at_most(self.buttons.len(), PAGE_BUTTONS_MAX)?;
        texts([&self.title, &self.path, &self.language])?;
        self.forms.iter().try_for_each(FormFacts::check)?;
        self.buttons.iter().try_for_each(ButtonFacts::check)?;
        self.fields.iter().try_for_each(FieldFacts::check)?;
        let forms = self.fields.iter().map(|field| field.form);
        let forms = forms.chain(self.buttons.iter().map(|button| button.form));
        let stand = |form: u32| usize::try_from(form).is_ok_and(|form| form < self.forms.len());
        let in_order = self.fields.is_sorted_by(|a, b| a.index < b.index);
        if in_order && forms.flatten().all(stand) {
            Ok(())
        } else {
            Err(ErrorCode::InvalidField.into())
        }
    }
}

impl FormFacts {
    fn check(&self) -> Result<(), WireError> {
        texts([
            &self.id,
            &self.name,
            &self.class,
            &self.action,
            &self.heading,
        ])
    }
}

impl ButtonFacts {
    fn check(&self) -> Result<(), WireError> {
        texts([&self.text])
    }
}

impl FieldFacts {
    fn check(&self) -> Result<(), WireError> {
        texts([
            &self.tag,
            &self.kind,
            &self.name,
            &self.id,
            &self.class,
            &self.autocomplete,
            &self.placeholder,
            &self.label,
            &self.nearby,
            &self.pattern,
            &self.password_rules,
        ])
    }
}

impl Submitted {
    fn check(&self) -> Result<(), WireError> {
        self.facts.check()?;
        at_most(self.values.len(), TYPED_VALUES_MAX)?;
        self.values.iter().try_for_each(|typed| {
            // EXPOSE: only its length is looked at.
            short(typed.value.expose_secret(), TYPED_VALUE_MAX_CHARS)
        })
    }
}

fn texts<const N: usize>(texts: [&String; N]) -> Result<(), WireError> {
    texts
        .into_iter()
        .try_for_each(|text| short(text, PAGE_TEXT_MAX_CHARS))
}

fn short(text: &str, max: usize) -> Result<(), WireError> {
    at_most(text.chars().count(), max)
}

fn at_most(count: usize, max: usize) -> Result<(), WireError> {
    if count <= max {
        Ok(())
    } else {
        Err(WireError::new(ErrorCode::TooLarge).with("max", max))
    }
}
