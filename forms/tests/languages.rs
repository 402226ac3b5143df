//! In each language words alone tell a login from the sign-up before it, the newsletter behind it
//! and a change of the password: as the practice pages of `e2e/sites/patterns/languages`.

#[path = "support/pages.rs"]
mod pages;

use forms::{FieldLabel, FormKind, Have, analyze, plan};
use pages::page;
use proto::bridge::content::FillRole;

/// What a site says in one language.
struct Words {
    /// Heading and button of a sign-up.
    sign_up: [&'static str; 2],
    email: &'static str,
    username: &'static str,
    password: &'static str,
    forgot: &'static str,
    login: &'static str,
    subscribe: &'static str,
    /// Present, new and repeated password.
    change: [&'static str; 3],
}

const LANGUAGES: &[(&str, Words)] = &[
    (
        "Hindi",
        Words {
            sign_up: ["खाता बनाएं", "पंजीकरण करें"],
            email: "ईमेल",
            username: "उपयोगकर्ता नाम",
            password: "पासवर्ड",
            forgot: "पासवर्ड भूल गए?",
            login: "साइन इन करें",
            subscribe: "सदस्यता लें",
            change: ["वर्तमान पासवर्ड", "नया पासवर्ड", "नए पासवर्ड की पुष्टि करें"],
        },
    ),
    (
        "Bengali",
        Words {
            sign_up: ["অ্যাকাউন্ট তৈরি করুন", "নিবন্ধন করুন"],
            email: "ইমেইল",
            username: "ব্যবহারকারীর নাম",
            password: "পাসওয়ার্ড",
            forgot: "পাসওয়ার্ড ভুলে গেছেন?",
            login: "লগ ইন করুন",
            subscribe: "সাবস্ক্রাইব করুন",
            change: ["বর্তমান পাসওয়ার্ড", "নতুন পাসওয়ার্ড", "নতুন পাসওয়ার্ড নিশ্চিত করুন"],
        },
    ),
    (
        "Thai",
        Words {
            sign_up: ["สร้างบัญชี", "สมัครสมาชิก"],
            email: "อีเมล",
            username: "ชื่อผู้ใช้",
            password: "รหัสผ่าน",
            forgot: "ลืมรหัสผ่าน?",
            login: "เข้าสู่ระบบ",
            subscribe: "สมัครรับจดหมายข่าว",
            change: ["รหัสผ่านปัจจุบัน", "รหัสผ่านใหม่", "ยืนยันรหัสผ่านใหม่"],
        },
    ),
    (
        "Vietnamese",
        Words {
            sign_up: ["Tạo tài khoản", "Đăng ký"],
            email: "Email",
            username: "Tên đăng nhập",
            password: "Mật khẩu",
            forgot: "Quên mật khẩu?",
            login: "Đăng nhập",
            subscribe: "Nhận bản tin",
            change: ["Mật khẩu hiện tại", "Mật khẩu mới", "Nhập lại mật khẩu mới"],
        },
    ),
    (
        "Indonesian",
        Words {
            sign_up: ["Buat akun", "Daftar"],
            email: "Surel",
            username: "Nama pengguna",
            password: "Kata sandi",
            forgot: "Lupa kata sandi?",
            login: "Masuk",
            subscribe: "Berlangganan",
            change: [
                "Kata sandi saat ini",
                "Kata sandi baru",
                "Ulangi kata sandi baru",
            ],
        },
    ),
    (
        "Turkish",
        Words {
            sign_up: ["Hesap oluştur", "Üye ol"],
            email: "E-posta",
            username: "Kullanıcı adı",
            password: "Şifre",
            forgot: "Şifremi unuttum",
            login: "Giriş yap",
            subscribe: "Abone ol",
            change: ["Mevcut şifre", "Yeni şifre", "Yeni şifre tekrar"],
        },
    ),
    (
        "Polish",
        Words {
            sign_up: ["Załóż konto", "Zarejestruj się"],
            email: "E-mail",
            username: "Nazwa użytkownika",
            password: "Hasło",
            forgot: "Nie pamiętasz hasła?",
            login: "Zaloguj się",
            subscribe: "Zapisz się do newslettera",
            change: ["Obecne hasło", "Nowe hasło", "Powtórz nowe hasło"],
        },
    ),
    (
        "Czech",
        Words {
            sign_up: ["Vytvořit účet", "Zaregistrovat se"],
            email: "E-mail",
            username: "Uživatelské jméno",
            password: "Heslo",
            forgot: "Zapomněli jste heslo?",
            login: "Přihlásit se",
            subscribe: "Odebírat newsletter",
            change: ["Současné heslo", "Nové heslo", "Nové heslo znovu"],
        },
    ),
    (
        "Greek",
        Words {
            sign_up: ["Δημιουργία λογαριασμού", "Εγγραφή"],
            email: "Ηλεκτρονικό ταχυδρομείο",
            username: "Όνομα χρήστη",
            password: "Κωδικός πρόσβασης",
            forgot: "Ξεχάσατε τον κωδικό",
            login: "Σύνδεση",
            subscribe: "Ενημερωτικό δελτίο",
            change: [
                "Τρέχων κωδικός πρόσβασης",
                "Νέος κωδικός πρόσβασης",
                "Επιβεβαίωση νέου κωδικού",
            ],
        },
    ),
    (
        "Hebrew",
        Words {
            sign_up: ["יצירת חשבון", "הרשמה"],
            email: "דואר אלקטרוני",
            username: "שם משתמש",
            password: "סיסמה",
            forgot: "שכחת סיסמה?",
            login: "התחברות",
            subscribe: "מנוי לניוזלטר",
            change: ["סיסמה נוכחית", "סיסמה חדשה", "אימות סיסמה חדשה"],
        },
    ),
    (
        "Arabic",
        Words {
            sign_up: ["إنشاء حساب جديد", "إنشاء حساب"],
            email: "البريد الإلكتروني",
            username: "اسم المستخدم",
            password: "كلمة المرور",
            forgot: "هل نسيت كلمة المرور؟",
            login: "تسجيل الدخول",
            subscribe: "اشترك في النشرة",
            change: [
                "كلمة المرور الحالية",
                "كلمة المرور الجديدة",
                "تأكيد كلمة المرور الجديدة",
            ],
        },
    ),
    (
        "Persian",
        Words {
            sign_up: ["ایجاد حساب", "ثبت نام"],
            email: "ایمیل",
            username: "نام کاربری",
            password: "رمز عبور",
            forgot: "رمز عبور را فراموش کرده‌اید؟",
            login: "ورود",
            subscribe: "عضویت در خبرنامه",
            change: ["رمز عبور فعلی", "رمز عبور جدید", "تکرار رمز عبور جدید"],
        },
    ),
    (
        "Ukrainian",
        Words {
            sign_up: ["Створити акаунт", "Зареєструватися"],
            email: "Електронна пошта",
            username: "Ім’я користувача",
            password: "Пароль",
            forgot: "Забули пароль?",
            login: "Увійти",
            subscribe: "Підписатися на новини",
            change: ["Поточний пароль", "Новий пароль", "Повторіть новий пароль"],
        },
    ),
    (
        "Russian",
        Words {
            sign_up: ["Регистрация", "Зарегистрироваться"],
            email: "Электронная почта",
            username: "Имя пользователя",
            password: "Пароль",
            forgot: "Забыли пароль?",
            login: "Войти",
            subscribe: "Подписаться",
            change: ["Текущий пароль", "Новый пароль", "Повторите новый пароль"],
        },
    ),
    (
        "Korean",
        Words {
            sign_up: ["계정 만들기", "회원가입"],
            email: "이메일",
            username: "아이디",
            password: "비밀번호",
            forgot: "비밀번호를 잊으셨나요?",
            login: "로그인",
            subscribe: "뉴스레터 구독",
            change: ["현재 비밀번호", "새 비밀번호", "새 비밀번호 확인"],
        },
    ),
    (
        "Japanese",
        Words {
            sign_up: ["新規会員登録", "登録する"],
            email: "メールアドレス",
            username: "ユーザー名",
            password: "パスワード",
            forgot: "パスワードをお忘れの方",
            login: "ログイン",
            subscribe: "メールマガジンを購読する",
            change: [
                "現在のパスワード",
                "新しいパスワード",
                "新しいパスワード（確認）",
            ],
        },
    ),
    (
        "Chinese",
        Words {
            sign_up: ["注册新账号", "立即注册"],
            email: "电子邮箱",
            username: "用户名",
            password: "密码",
            forgot: "忘记密码?",
            login: "登录",
            subscribe: "订阅",
            change: ["当前密码", "新密码", "确认新密码"],
        },
    ),
    (
        "Swedish",
        Words {
            sign_up: ["Skapa konto", "Registrera dig"],
            email: "E-post",
            username: "Användarnamn",
            password: "Lösenord",
            forgot: "Glömt lösenordet?",
            login: "Logga in",
            subscribe: "Prenumerera på nyhetsbrevet",
            change: [
                "Nuvarande lösenord",
                "Nytt lösenord",
                "Upprepa nytt lösenord",
            ],
        },
    ),
    (
        "Danish",
        Words {
            sign_up: ["Opret konto", "Tilmeld dig"],
            email: "E-mail",
            username: "Brugernavn",
            password: "Adgangskode",
            forgot: "Glemt adgangskode?",
            login: "Log ind",
            subscribe: "Tilmeld nyhedsbrev",
            change: [
                "Nuværende adgangskode",
                "Ny adgangskode",
                "Gentag ny adgangskode",
            ],
        },
    ),
    (
        "Norwegian",
        Words {
            sign_up: ["Opprett konto", "Registrer deg"],
            email: "E-post",
            username: "Brukernavn",
            password: "Passord",
            forgot: "Glemt passordet?",
            login: "Logg inn",
            subscribe: "Abonner på nyhetsbrev",
            change: ["Nåværende passord", "Nytt passord", "Gjenta nytt passord"],
        },
    ),
    (
        "Finnish",
        Words {
            sign_up: ["Luo tili", "Rekisteröidy"],
            email: "Sähköposti",
            username: "Käyttäjätunnus",
            password: "Salasana",
            forgot: "Unohditko salasanan?",
            login: "Kirjaudu sisään",
            subscribe: "Tilaa uutiskirje",
            change: [
                "Nykyinen salasana",
                "Uusi salasana",
                "Vahvista uusi salasana",
            ],
        },
    ),
    (
        "Dutch",
        Words {
            sign_up: ["Account aanmaken", "Registreren"],
            email: "E-mailadres",
            username: "Gebruikersnaam",
            password: "Wachtwoord",
            forgot: "Wachtwoord vergeten?",
            login: "Inloggen",
            subscribe: "Abonneren op de nieuwsbrief",
            change: [
                "Huidig wachtwoord",
                "Nieuw wachtwoord",
                "Herhaal nieuw wachtwoord",
            ],
        },
    ),
    (
        "Hungarian",
        Words {
            sign_up: ["Fiók létrehozása", "Regisztráció"],
            email: "E-mail cím",
            username: "Felhasználónév",
            password: "Jelszó",
            forgot: "Elfelejtette a jelszavát?",
            login: "Bejelentkezés",
            subscribe: "Feliratkozás hírlevélre",
            change: ["Jelenlegi jelszó", "Új jelszó", "Új jelszó megerősítése"],
        },
    ),
    (
        "Romanian",
        Words {
            sign_up: ["Creează un cont", "Înregistrează-te"],
            email: "E-mail",
            username: "Nume de utilizator",
            password: "Parolă",
            forgot: "Ai uitat parola?",
            login: "Autentificare",
            subscribe: "Abonează-te la newsletter",
            change: ["Parola actuală", "Parola nouă", "Confirmă parola nouă"],
        },
    ),
    (
        "German",
        Words {
            sign_up: ["Konto erstellen", "Registrieren"],
            email: "E-Mail-Adresse",
            username: "Benutzername",
            password: "Passwort",
            forgot: "Passwort vergessen?",
            login: "Anmelden",
            subscribe: "Newsletter abonnieren",
            change: [
                "Aktuelles Passwort",
                "Neues Passwort",
                "Neues Passwort wiederholen",
            ],
        },
    ),
    (
        "French",
        Words {
            sign_up: ["Créer un compte", "S’inscrire"],
            email: "Adresse e-mail",
            username: "Identifiant",
            password: "Mot de passe",
            forgot: "Mot de passe oublié ?",
            login: "Se connecter",
            subscribe: "S’abonner",
            change: [
                "Mot de passe actuel",
                "Nouveau mot de passe",
                "Confirmez le nouveau mot de passe",
            ],
        },
    ),
    (
        "Spanish",
        Words {
            sign_up: ["Crear cuenta", "Registrarse"],
            email: "Correo electrónico",
            username: "Usuario",
            password: "Contraseña",
            forgot: "¿Olvidaste tu contraseña?",
            login: "Iniciar sesión",
            subscribe: "Suscribirse al boletín",
            change: [
                "Contraseña actual",
                "Nueva contraseña",
                "Repite la nueva contraseña",
            ],
        },
    ),
    (
        "Portuguese",
        Words {
            sign_up: ["Crie sua conta", "Cadastrar"],
            email: "E-mail",
            username: "Usuário",
            password: "Senha",
            forgot: "Esqueceu a senha?",
            login: "Entrar",
            subscribe: "Assinar a newsletter",
            change: ["Senha atual", "Nova senha", "Confirme a nova senha"],
        },
    ),
    (
        "Italian",
        Words {
            sign_up: ["Crea un account", "Registrati"],
            email: "E-mail",
            username: "Nome utente",
            password: "Password",
            forgot: "Password dimenticata?",
            login: "Accedi",
            subscribe: "Iscriviti alla newsletter",
            change: [
                "Password attuale",
                "Nuova password",
                "Ripeti la nuova password",
            ],
        },
    ),
    (
        "Catalan",
        Words {
            sign_up: ["Crea un compte", "Registra’t"],
            email: "Correu electrònic",
            username: "Nom d’usuari",
            password: "Contrasenya",
            forgot: "Has oblidat la contrasenya?",
            login: "Inicia la sessió",
            subscribe: "Subscriu-te al butlletí",
            change: [
                "Contrasenya actual",
                "Contrasenya nova",
                "Repeteix la contrasenya nova",
            ],
        },
    ),
    (
        "English",
        Words {
            sign_up: ["Create account", "Sign up"],
            email: "E-mail",
            username: "User name",
            password: "Password",
            forgot: "Forgot your password?",
            login: "Log in",
            subscribe: "Subscribe",
            change: ["Current password", "New password", "Repeat new password"],
        },
    ),
];

const ALL: Have = Have {
    username: true,
    password: true,
    totp: true,
};

#[test]
fn only_the_login_is_filled_beside_a_sign_up_and_a_newsletter() {
    for (language, words) in LANGUAGES {
        let [heading, sign_up] = words.sign_up;
        let lines = [
            format!("form {heading}"),
            format!("text f1 - | {}", words.email),
            format!("password f2 - | {}", words.password),
            format!("button {sign_up}"),
            "form".to_owned(),
            format!("text f3 - | {}", words.username),
            format!("password f4 - | {}", words.password),
            format!("link {}", words.forgot),
            format!("button {}", words.login),
            "form".to_owned(),
            format!("text f5 - | {}", words.email),
            format!("button {}", words.subscribe),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let page = page("", &lines);
        let analysis = analyze(&page);
        let kinds: Vec<FormKind> = analysis.groups.iter().map(|group| group.kind).collect();
        assert_eq!(
            kinds[..2],
            [FormKind::SignUp, FormKind::Login],
            "{language}"
        );
        let steps = plan(&analysis, ALL).map(|plan| plan.steps);
        let want = vec![(2, FillRole::Username), (3, FillRole::Password)];
        assert_eq!(steps, Some(want), "{language}");
    }
}

#[test]
fn a_button_alone_tells_a_sign_up() {
    for (language, words) in LANGUAGES {
        let [_, sign_up] = words.sign_up;
        let lines = [
            "form".to_owned(),
            format!("text a - | {}", words.email),
            format!("password b - | {}", words.password),
            format!("button {sign_up}"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(plan(&analyze(&page("", &lines)), ALL), None, "{language}");
    }
}

#[test]
fn of_a_change_only_the_present_password_is_filled() {
    for (language, words) in LANGUAGES {
        let [current, new, repeat] = words.change.map(|label| format!("password p - | {label}"));
        let analysis = analyze(&page("", &["form", &new, &repeat, &current]));
        let steps = plan(&analysis, ALL).map(|plan| plan.steps);
        assert_eq!(steps, Some(vec![(2, FillRole::Password)]), "{language}");
        let labels: Vec<_> = analysis.fields().map(|field| field.label).collect();
        assert_eq!(labels[..2], [FieldLabel::NewPassword; 2], "{language}");
    }
}
