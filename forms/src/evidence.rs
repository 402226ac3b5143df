//! Looks at a group of fields and notes what there is to see.

use proto::bridge::content::FieldFacts;

#[cfg_attr(
    not(test),
    expect(clippy::enum_glob_use, reason = "most of them are named here")
)]
use crate::observation::Observation::*;
use crate::{field::Signs, groups::Draft, observation::Observation, text::Text, topic::Topic};

/// What was seen, each thing once.
#[derive(Debug, Default)]
pub(crate) struct Evidence(pub(crate) Vec<Observation>);

/// Counts over a group's usable fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count {
    pub(crate) passwords: usize,
    pub(crate) texts: usize,
    pub(crate) personal: usize,
    pub(crate) lists: usize,
}

impl Evidence {
    /// Looks at a group, and at `others` of the page.
    pub(crate) fn of(draft: &Draft<'_>, others: Others) -> Self {
        let mut seen = Self(vec![Always]);
        let count = Count::of(draft);
        seen.counts(&count);
        seen.passwords(draft, &count);
        seen.texts(draft);
        seen.boxes(draft);
        seen.buttons(draft);
        seen.surroundings(draft);
        seen.when(others.login, OtherLogin);
        seen.when(others.new_password, OtherNew);
        seen
    }

    pub(crate) fn has(&self, observation: Observation) -> bool {
        self.0.contains(&observation)
    }

    fn when(&mut self, true_of_it: bool, observation: Observation) {
        if true_of_it && !self.has(observation) {
            self.0.push(observation);
        }
    }

    fn counts(&mut self, count: &Count) {
        self.when(count.passwords == 1, OnePassword);
        self.when(count.passwords == 2, TwoPasswords);
        self.when(count.passwords > 2, ThreePasswords);
        self.when(count.texts == 0, NoText);
        self.when(count.texts == 1, OneText);
        self.when(count.texts == 2, TwoTexts);
        self.when(matches!(count.texts, 3 | 4), SomeTexts);
        self.when(count.texts > 4, ManyTexts);
        self.when(count.personal == 1, PersonalDetail);
        self.when(count.personal > 1, PersonalDetails);
        self.when(count.lists == 1, OneList);
        self.when(count.lists > 1, Lists);
    }

    fn passwords(&mut self, draft: &Draft<'_>, count: &Count) {
        let several = count.passwords > 1;
        for (field, signs) in draft.usable().filter(|(_, signs)| draft.is_password(signs)) {
            self.when(signs.declared_current, DeclaredCurrent);
            self.when(signs.declared_new, DeclaredNew);
            self.when(signs.new && several, CalledNew);
            self.when(signs.new && !several, CalledNewAlone);
            self.when(signs.told_new && !several, ToldNewAlone);
            self.when(signs.current && !several, CalledCurrent);
            self.when(signs.current && several, CurrentBesideOther);
            self.when(signs.repeat && several, Repeated);
            self.when(signs.length_rule, LengthRule);
            self.when(signs.bounded, Bounded);
            self.when(signs.named_login, PasswordNamedLogin);
            self.when(signs.named_sign_up, PasswordNamedSignUp);
            self.when(field.set_aside, PasswordAside);
            self.when(!signs.secret, PasswordShown);
        }
        let mut stems: Vec<&str> = draft
            .usable()
            .filter(|(_, signs)| draft.is_password(signs))
            .filter_map(|(field, _)| stem(field))
            .collect();
        stems.sort_unstable();
        self.when(
            stems.windows(2).any(|pair| pair.first() == pair.last()),
            AlikeNames,
        );
        let order: Vec<bool> = draft
            .usable()
            .filter(|(_, signs)| draft.is_password(signs) || is_asked(signs))
            .map(|(_, signs)| draft.is_password(signs))
            .collect();
        self.when(order.first() == Some(&true), PasswordFirst);
        self.when(several && order.last() == Some(&false), TextBehind);
    }

    fn texts(&mut self, draft: &Draft<'_>) {
        let texts = || {
            draft
                .usable()
                .filter(|(_, s)| s.textual && !draft.is_password(s))
        };
        for (field, signs) in texts() {
            self.when(signs.declared_username, DeclaredUsername);
            self.when(crate::field::has_token(field, "email"), DeclaredEmail);
            self.when(signs.repeat && signs.email, EmailRepeated);
            self.when(signs.new_name, NewName);
            self.when(signs.phone, Phone);
            self.when(signs.code, Code);
            self.when(signs.captcha, Captcha);
            self.when(signs.named_login, TextNamedLogin);
            self.when(signs.named_sign_up, TextNamedSignUp);
            self.when(signs.newsletter, NewsletterField);
            self.when(signs.other_secret, CardOrToken);
        }
        let proof = texts().any(|(_, s)| s.code || s.captcha);
        let phone = texts().any(|(_, s)| s.phone && !s.email && !s.username);
        self.when(proof && phone, PhoneProof);
        let email = texts().any(|(_, s)| s.email);
        let name = texts().any(|(_, s)| s.username && !s.email && !s.captcha && !s.search);
        self.when(email && name, NameAndEmail);
    }

    fn boxes(&mut self, draft: &Draft<'_>) {
        for (field, signs) in draft.usable() {
            self.when(signs.remember, Remember);
            self.when(signs.terms, Terms);
            self.when(field.kind == "radio", Radio);
            self.when(field.tag == "textarea", TextArea);
            if field.kind == "checkbox" {
                self.when(signs.newsletter, NewsletterBox);
                self.when(
                    !signs.newsletter && !signs.remember && !signs.terms,
                    OtherBox,
                );
            }
        }
    }

    fn buttons(&mut self, draft: &Draft<'_>) {
        let has_submit = draft.buttons.iter().any(|button| button.submits);
        for button in &draft.buttons {
            let text = Text::of(&[&button.text]);
            self.when(button.submits && text.has(Topic::Guest), Guest);
            let short = text.chars() <= 25 && !text.has(Topic::Forgot);
            // What stands above all fields leads elsewhere.
            let above = draft
                .fields
                .first()
                .is_some_and(|(first, _)| button.after_fields <= first.index);
            // "No account yet? Sign up": what asks leads elsewhere too, whatever it is made of.
            let asks = button.text.contains(['?', '？', '؟']);
            if above || asks {
                self.link(&text);
            } else if button.submits {
                self.button(&text);
            } else if !has_submit && short {
                self.press(&text);
            } else {
                self.link(&text);
            }
        }
        // What carries a form out may stand right behind it.
        if !has_submit {
            for button in draft.near_links().filter(|button| button.submits) {
                self.press(&Text::of(&[&button.text]));
            }
        }
        for button in draft.near_links() {
            self.link(&Text::of(&[&button.text]));
        }
    }

    /// A button that carries the form out.
    fn button(&mut self, text: &Text) {
        let (login, sign_up) = (text.has(Topic::Login), text.has(Topic::SignUp));
        let seen = if text.has(Topic::Change) {
            ButtonChange
        } else if sign_up && login {
            ButtonBoth
        } else if sign_up {
            ButtonSignUp
        } else if login {
            ButtonLogin
        } else if text.has(Topic::Newsletter) {
            ButtonNewsletter
        } else if text.has(Topic::Search) {
            ButtonSearch
        } else if text.has(Topic::Next) {
            ButtonNext
        } else if text.has(Topic::Save) {
            ButtonSave
        } else {
            ButtonOther
        };
        self.when(true, seen);
    }

    /// A button that may carry the form out.
    fn press(&mut self, text: &Text) {
        let (login, sign_up) = (text.has(Topic::Login), text.has(Topic::SignUp));
        if text.has(Topic::Change) {
            self.when(true, PressChange);
        } else if sign_up != login {
            self.when(true, if login { PressLogin } else { PressSignUp });
        } else if text.has(Topic::Newsletter) {
            self.when(true, PressNewsletter);
        } else if text.has(Topic::Next) {
            self.when(true, PressNext);
        } else if text.has(Topic::Save) {
            self.when(true, PressSave);
        }
    }

    /// A link beside the form: it leads to what the form is not.
    fn link(&mut self, text: &Text) {
        let (login, sign_up) = (text.has(Topic::Login), text.has(Topic::SignUp));
        if text.has(Topic::Forgot) {
            self.when(true, LinkForgot);
        } else if sign_up != login {
            self.when(true, if login { LinkLogin } else { LinkSignUp });
        } else if text.has(Topic::Terms) {
            self.when(true, LinkTerms);
        }
    }

    fn surroundings(&mut self, draft: &Draft<'_>) {
        let page = draft.page;
        if let Some(form) = draft.form_facts() {
            let all = Text::of(&[&form.heading, &form.id, &form.name, &form.class]);
            self.when(all.has(Topic::Guest), Guest);
            let heading = Text::of(&[&form.heading]);
            if heading.chars() <= 80 {
                let of = [
                    HeadingLogin,
                    HeadingSignUp,
                    HeadingChange,
                    HeadingNewsletter,
                    HeadingBoth,
                ];
                self.topic(&heading, of);
            }
            let names = Text::of(&[&form.id, &form.name, &form.class]);
            self.topic(
                &names,
                [
                    NamedLogin,
                    NamedSignUp,
                    NamedChange,
                    NamedNewsletter,
                    NamedBoth,
                ],
            );
            let action = Text::of(&[&form.action]);
            self.topic(
                &action,
                [
                    ActionLogin,
                    ActionSignUp,
                    ActionChange,
                    NamedNewsletter,
                    ActionBoth,
                ],
            );
        }
        for text in [&page.title, &page.path] {
            let of = [
                TitleLogin,
                TitleSignUp,
                TitleChange,
                TitleNewsletter,
                TitleBoth,
            ];
            self.topic(&Text::of(&[text]), of);
        }
    }

    /// A text that names what the form is for; what names a login and a sign-up
    /// is for either.
    fn topic(
        &mut self,
        text: &Text,
        [to_login, to_sign_up, to_change, to_news, to_both]: [Observation; 5],
    ) {
        let (login, sign_up) = (text.has(Topic::Login), text.has(Topic::SignUp));
        if text.has(Topic::Change) || text.has(Topic::Forgot) {
            self.when(true, to_change);
        } else if text.has(Topic::Newsletter) {
            self.when(true, to_news);
        } else if login != sign_up {
            self.when(true, if login { to_login } else { to_sign_up });
        } else if login {
            self.when(true, to_both);
        }
    }
}

/// What the other forms of the page do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Others {
    login: bool,
    new_password: bool,
}

impl Others {
    /// For each group, what the others do.
    pub(crate) fn of(drafts: &[Draft<'_>]) -> Vec<Self> {
        let each: Vec<Self> = drafts.iter().map(Self::alone).collect();
        let sum = |test: fn(&Self) -> bool| each.iter().filter(|it| test(it)).count();
        let (logins, news) = (sum(|it| it.login), sum(|it| it.new_password));
        each.iter()
            .map(|own| Self {
                login: logins > usize::from(own.login),
                new_password: news > usize::from(own.new_password),
            })
            .collect()
    }

    /// What a group does for sure, by itself.
    fn alone(draft: &Draft<'_>) -> Self {
        let passwords = || draft.usable().filter(|(_, s)| draft.is_password(s));
        let count = passwords().count();
        let makes = passwords().any(|(_, s)| s.new || s.declared_new) || count == 2;
        Self {
            login: count == 1 && !makes,
            new_password: makes,
        }
    }
}

impl Count {
    pub(crate) fn of(draft: &Draft<'_>) -> Self {
        let count = |test: &dyn Fn(&FieldFacts, &Signs) -> bool| {
            draft
                .usable()
                .filter(|(field, signs)| test(field, signs))
                .count()
        };
        Self {
            passwords: count(&|_, s| draft.is_password(s)),
            texts: count(&|_, s| is_asked(s) && !draft.is_password(s)),
            personal: count(&|_, s| s.personal && !draft.is_password(s) && !s.username),
            lists: count(&|f, _| f.tag == "select"),
        }
    }
}

/// A text field of the form itself.
fn is_asked(signs: &Signs) -> bool {
    signs.textual && !signs.secret && !signs.search && !signs.captcha
}

/// A field's name or id without what tells a repetition apart: digits at its end.
pub(crate) fn stem(field: &FieldFacts) -> Option<&str> {
    let name = if field.name.is_empty() {
        &field.id
    } else {
        &field.name
    };
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    (stem.len() >= 3).then_some(stem)
}
