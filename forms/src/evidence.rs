//! What speaks for which kind of form, in points.
//!
//! Ten points are about one plain hint. Every observation is one line; what it is worth was set
//! by reason first and looked at on many saved pages after.

use proto::bridge::content::{ButtonFacts, FieldFacts};

use crate::{
    analysis::{Draft, FieldLabel, FormKind, Group, LabelledField, Reason},
    field::Signs,
    labels,
    text::Text,
    words,
};

/// Points by kind, and why.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    reasons: Vec<Reason>,
}

/// Counts over a group's usable fields.
struct Count {
    passwords: usize,
    texts: usize,
    personal: usize,
    selects: usize,
}

impl Evidence {
    /// Looks at a group.
    pub(crate) fn of(draft: &Draft<'_>) -> Self {
        let mut found = Self::default();
        let count = Count::of(draft);
        found.fields(draft, &count);
        found.buttons(draft, &count);
        found.surroundings(draft);
        found
    }

    /// Decides what the group is and labels its fields.
    pub(crate) fn judge(self, draft: &Draft<'_>) -> Group {
        let count = Count::of(draft);
        let (kind, score) = self.kind(draft, &count);
        let mut fields: Vec<LabelledField> = draft
            .fields
            .iter()
            .map(|(field, signs)| LabelledField {
                index: field.index,
                label: FieldLabel::Other,
                secret: signs.secret,
                usable: signs.usable,
                focused: field.focused,
            })
            .collect();
        labels::passwords(kind, draft, &mut fields);
        labels::texts(kind, draft, &mut fields);
        Group {
            kind,
            score,
            reasons: self.reasons,
            fields,
        }
    }

    fn add(&mut self, kind: FormKind, points: i32, why: &'static str) {
        self.reasons.push(Reason { kind, points, why });
    }

    fn sum(&self, kind: FormKind) -> i32 {
        self.reasons
            .iter()
            .filter(|reason| reason.kind == kind)
            .map(|reason| reason.points)
            .sum()
    }

    fn kind(&self, draft: &Draft<'_>, count: &Count) -> (FormKind, i32) {
        let login = self.sum(FormKind::Login);
        let sign_up = self.sum(FormKind::SignUp);
        let change = self.sum(FormKind::ChangePassword);
        let other = self.sum(FormKind::Other);
        if count.passwords > 0 {
            return if change > sign_up && change > login {
                (FormKind::ChangePassword, change - sign_up.max(login))
            } else if other > login + 10 && other > sign_up {
                (FormKind::Other, other - login)
            } else if sign_up > login {
                (FormKind::SignUp, sign_up - login)
            } else {
                (FormKind::Login, login - sign_up.max(change))
            };
        }
        let any = |test: fn(&Signs) -> bool| draft.usable().any(|(_, signs)| test(signs));
        if any(|s| s.code) && count.texts <= 8 && count.personal == 0 {
            return (FormKind::Otp, 10);
        }
        if any(|s| s.search) && count.texts <= 2 {
            return (FormKind::Search, self.sum(FormKind::Search));
        }
        let newsletter = self.sum(FormKind::Newsletter);
        let name = any(|s| s.username || s.email || s.phone || s.declared_username);
        if name
            && count.texts <= 2
            && login >= 30
            && newsletter == 0
            && login > sign_up.max(change) + other
        {
            return (FormKind::UsernameFirst, login - sign_up.max(change));
        }
        if newsletter > 0 && newsletter >= sign_up {
            return (FormKind::Newsletter, newsletter);
        }
        if sign_up > 20 {
            (FormKind::SignUp, sign_up)
        } else {
            (FormKind::Other, 0)
        }
    }

    fn fields(&mut self, draft: &Draft<'_>, count: &Count) {
        use FormKind::{ChangePassword, Login, Newsletter, Other, SignUp};
        let mut once = Vec::new();
        let mut add = |kind, points, why| {
            if !once.iter().any(|(_, _, seen)| *seen == why) {
                once.push((kind, points, why));
            }
        };
        for (field, signs) in draft.usable() {
            if signs.secret {
                if signs.declared_current {
                    add(Login, 50, "current-password is declared");
                }
                if signs.declared_new {
                    add(SignUp, 40, "new-password is declared");
                }
                if signs.repeat && count.passwords > 1 {
                    add(SignUp, 40, "a password is repeated");
                }
                if signs.new {
                    add(SignUp, 50, "a password is called new");
                }
                if signs.length_rule {
                    add(SignUp, 25, "a rule for new passwords");
                }
                if signs.code && !signs.password {
                    add(Other, 60, "a hidden code that is no password");
                }
                if signs.current && count.passwords > 1 {
                    add(
                        ChangePassword,
                        200,
                        "the present password is asked for beside another",
                    );
                }
                if signs.other_secret && !signs.password {
                    add(Other, 60, "a hidden number that is no password");
                }
            } else if signs.textual {
                if signs.declared_username {
                    add(Login, 15, "username is declared");
                }
                if signs.newsletter {
                    add(Newsletter, 40, "a field speaks of a newsletter");
                }
                if signs.repeat && signs.email {
                    add(SignUp, 25, "an e-mail address is repeated");
                }
                if signs.other_secret {
                    add(Other, 20, "a field for a card or a token");
                }
            }
            if signs.remember {
                add(Login, 30, "offers to remember");
            }
            if signs.terms {
                add(SignUp, 30, "asks to agree");
            }
            if field.kind == "radio" {
                add(SignUp, 10, "has radio buttons");
            }
        }
        for (kind, points, why) in once {
            self.add(kind, points, why);
        }
        match count.passwords {
            0 => {}
            1 => self.add(Login, 10, "one password"),
            2 => self.add(SignUp, 30, "two passwords"),
            _ => self.add(ChangePassword, 30, "three passwords or more"),
        }
        match count.personal {
            0 => {}
            1 => self.add(SignUp, 20, "a personal detail"),
            _ => self.add(SignUp, 40, "personal details"),
        }
        match count.texts {
            0 | 1 => self.add(Login, 15, "at most one text field"),
            2 => {}
            3 | 4 => self.add(SignUp, 15, "three text fields or more"),
            _ => self.add(SignUp, 30, "five text fields or more"),
        }
        if count.selects > 0 {
            self.add(
                SignUp,
                if count.selects > 1 { 20 } else { 8 },
                "has lists to choose from",
            );
        }
    }

    fn buttons(&mut self, draft: &Draft<'_>, count: &Count) {
        let has_submit = draft.buttons.iter().any(|button| button.submits);
        for button in &draft.buttons {
            let text = Text::of(&[&button.text]);
            if button.submits || (!has_submit && text.chars() <= 25 && !text.has(words::FORGOT)) {
                self.press(&text, if button.submits { 40 } else { 25 });
            } else {
                self.link(&text);
            }
        }
        if !has_submit && draft.buttons.is_empty() {
            for button in draft.around.iter().filter(|button| button.submits) {
                self.press(&Text::of(&[&button.text]), 25);
            }
        }
        if count.passwords == 0 && count.texts == 1 && draft.usable().any(|(_, s)| s.username) {
            let on = |button: &&&ButtonFacts| {
                button.submits && Text::of(&[&button.text]).has(words::NEXT)
            };
            if draft.buttons.iter().any(|button| on(&button)) {
                self.add(FormKind::Login, 15, "a user name alone, and on");
            }
        }
        for button in draft.near_links() {
            self.link(&Text::of(&[&button.text]));
        }
    }

    /// A button that carries the form out.
    fn press(&mut self, text: &Text, points: i32) {
        use FormKind::{ChangePassword, Login, Newsletter, Search, SignUp};
        let (login, sign_up) = (text.has(words::LOGIN), text.has(words::SIGN_UP));
        if text.has(words::CHANGE) {
            self.add(ChangePassword, points, "a button changes a password");
        } else if sign_up && !login {
            self.add(SignUp, points, "a button signs up");
        } else if login && !sign_up {
            self.add(Login, points, "a button logs in");
        } else if text.has(words::NEWSLETTER) {
            self.add(Newsletter, points, "a button subscribes");
        } else if text.has(words::SEARCH) {
            self.add(Search, points, "a button searches");
        }
    }

    /// A link beside the form: it leads to what the form is not.
    fn link(&mut self, text: &Text) {
        use FormKind::{Login, SignUp};
        if text.has(words::FORGOT) {
            self.once(Login, 30, "offers help to those who forgot");
        } else if text.has(words::SIGN_UP) && !text.has(words::LOGIN) {
            self.once(Login, 10, "links to a sign-up");
        } else if text.has(words::LOGIN) && !text.has(words::SIGN_UP) {
            self.once(SignUp, 12, "links to a login");
        }
    }

    fn once(&mut self, kind: FormKind, points: i32, why: &'static str) {
        if !self.reasons.iter().any(|reason| reason.why == why) {
            self.add(kind, points, why);
        }
    }

    fn surroundings(&mut self, draft: &Draft<'_>) {
        let page = draft.page;
        let form = draft
            .form
            .and_then(|at| page.forms.get(usize::try_from(at).ok()?));
        if let Some(form) = form {
            let heading = Text::of(&[&form.heading]);
            if heading.chars() <= 80 {
                self.topic(
                    &heading,
                    30,
                    [
                        "heading: login",
                        "heading: sign-up",
                        "heading: change",
                        "heading: newsletter",
                    ],
                );
            }
            let names = Text::of(&[&form.id, &form.name, &form.class, &form.action]);
            self.topic(
                &names,
                20,
                [
                    "form name: login",
                    "form name: sign-up",
                    "form name: change",
                    "form name: newsletter",
                ],
            );
        }
        let title = Text::of(&[&page.title]);
        self.topic(
            &title,
            15,
            [
                "title: login",
                "title: sign-up",
                "title: change",
                "title: newsletter",
            ],
        );
        let path = Text::of(&[&page.path]);
        self.topic(
            &path,
            15,
            [
                "path: login",
                "path: sign-up",
                "path: change",
                "path: newsletter",
            ],
        );
    }

    /// A text that names what the form is for; one that names two things names none.
    fn topic(&mut self, text: &Text, points: i32, why: [&'static str; 4]) {
        use FormKind::{ChangePassword, Login, Newsletter, SignUp};
        let [to_login, to_sign_up, to_change, to_newsletter] = why;
        let (login, sign_up) = (text.has(words::LOGIN), text.has(words::SIGN_UP));
        if text.has(words::CHANGE) || text.has(words::FORGOT) {
            self.add(ChangePassword, points, to_change);
        } else if text.has(words::NEWSLETTER) {
            self.add(Newsletter, points, to_newsletter);
        } else if login && !sign_up {
            self.add(Login, points, to_login);
        } else if sign_up && !login {
            self.add(SignUp, points, to_sign_up);
        }
    }
}

impl Count {
    fn of(draft: &Draft<'_>) -> Self {
        let count = |test: &dyn Fn(&FieldFacts, &Signs) -> bool| {
            draft
                .usable()
                .filter(|(field, signs)| test(field, signs))
                .count()
        };
        Self {
            passwords: count(&|_, s| s.secret),
            texts: count(&|_, s| s.textual && !s.secret && !s.search && !s.captcha),
            personal: count(&|_, s| s.personal && !s.secret && !s.username),
            selects: count(&|f, _| f.tag == "select"),
        }
    }
}

impl<'a> Draft<'a> {
    /// Fields that a person sees and can change.
    pub(crate) fn usable(&self) -> impl Iterator<Item = (&'a FieldFacts, &Signs)> {
        self.fields
            .iter()
            .filter(|(_, signs)| signs.usable)
            .map(|(field, signs)| (*field, signs))
    }

    /// Links of no form within six buttons behind the group.
    fn near_links(&self) -> impl Iterator<Item = &'a ButtonFacts> {
        self.around.iter().take(6).copied()
    }
}
