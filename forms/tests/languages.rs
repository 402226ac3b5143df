//! In each language words alone tell a login from the sign-up before it, the newsletter behind it
//! and a change of the password: as the practice pages of `e2e/sites/patterns/languages`.

#[path = "support/pages.rs"]
mod pages;

use forms::{Analysis, FieldLabel, FormKind, Have, analyze, plan};
use pages::page;
use proto::bridge::content::{FillRole, PageFacts};

/// What sites say: heading and button of a sign-up, e-mail, user name, password, "forgot?", button of a
/// login, button of a newsletter, and the present, the new and the repeated password.
const LANGUAGES: &str = "\
Hindi: खाता बनाएं | पंजीकरण करें | ईमेल | उपयोगकर्ता नाम | पासवर्ड | पासवर्ड भूल गए? | साइन इन करें | सदस्यता लें | वर्तमान पासवर्ड | नया पासवर्ड | नए पासवर्ड की पुष्टि करें
Bengali: অ্যাকাউন্ট তৈরি করুন | নিবন্ধন করুন | ইমেইল | ব্যবহারকারীর নাম | পাসওয়ার্ড | পাসওয়ার্ড ভুলে গেছেন? | লগ ইন করুন | সাবস্ক্রাইব করুন | বর্তমান পাসওয়ার্ড | নতুন পাসওয়ার্ড | নতুন পাসওয়ার্ড নিশ্চিত করুন
Thai: สร้างบัญชี | สมัครสมาชิก | อีเมล | ชื่อผู้ใช้ | รหัสผ่าน | ลืมรหัสผ่าน? | เข้าสู่ระบบ | สมัครรับจดหมายข่าว | รหัสผ่านปัจจุบัน | รหัสผ่านใหม่ | ยืนยันรหัสผ่านใหม่
Vietnamese: Tạo tài khoản | Đăng ký | Email | Tên đăng nhập | Mật khẩu | Quên mật khẩu? | Đăng nhập | Nhận bản tin | Mật khẩu hiện tại | Mật khẩu mới | Nhập lại mật khẩu mới
Indonesian: Buat akun | Daftar | Surel | Nama pengguna | Kata sandi | Lupa kata sandi? | Masuk | Berlangganan | Kata sandi saat ini | Kata sandi baru | Ulangi kata sandi baru
Turkish: Hesap oluştur | Üye ol | E-posta | Kullanıcı adı | Şifre | Şifremi unuttum | Giriş yap | Abone ol | Mevcut şifre | Yeni şifre | Yeni şifre tekrar
Polish: Załóż konto | Zarejestruj się | E-mail | Nazwa użytkownika | Hasło | Nie pamiętasz hasła? | Zaloguj się | Zapisz się do newslettera | Obecne hasło | Nowe hasło | Powtórz nowe hasło
Czech: Vytvořit účet | Zaregistrovat se | E-mail | Uživatelské jméno | Heslo | Zapomněli jste heslo? | Přihlásit se | Odebírat newsletter | Současné heslo | Nové heslo | Nové heslo znovu
Greek: Δημιουργία λογαριασμού | Εγγραφή | Ηλεκτρονικό ταχυδρομείο | Όνομα χρήστη | Κωδικός πρόσβασης | Ξεχάσατε τον κωδικό | Σύνδεση | Ενημερωτικό δελτίο | Τρέχων κωδικός πρόσβασης | Νέος κωδικός πρόσβασης | Επιβεβαίωση νέου κωδικού
Hebrew: יצירת חשבון | הרשמה | דואר אלקטרוני | שם משתמש | סיסמה | שכחת סיסמה? | התחברות | מנוי לניוזלטר | סיסמה נוכחית | סיסמה חדשה | אימות סיסמה חדשה
Arabic: إنشاء حساب جديد | إنشاء حساب | البريد الإلكتروني | اسم المستخدم | كلمة المرور | هل نسيت كلمة المرور؟ | تسجيل الدخول | اشترك في النشرة | كلمة المرور الحالية | كلمة المرور الجديدة | تأكيد كلمة المرور الجديدة
Persian: ایجاد حساب | ثبت نام | ایمیل | نام کاربری | رمز عبور | رمز عبور را فراموش کرده‌اید؟ | ورود | عضویت در خبرنامه | رمز عبور فعلی | رمز عبور جدید | تکرار رمز عبور جدید
Ukrainian: Створити акаунт | Зареєструватися | Електронна пошта | Ім’я користувача | Пароль | Забули пароль? | Увійти | Підписатися на новини | Поточний пароль | Новий пароль | Повторіть новий пароль
Russian: Регистрация | Зарегистрироваться | Электронная почта | Имя пользователя | Пароль | Забыли пароль? | Войти | Подписаться | Текущий пароль | Новый пароль | Повторите новый пароль
Korean: 계정 만들기 | 회원가입 | 이메일 | 아이디 | 비밀번호 | 비밀번호를 잊으셨나요? | 로그인 | 뉴스레터 구독 | 현재 비밀번호 | 새 비밀번호 | 새 비밀번호 확인
Japanese: 新規会員登録 | 登録する | メールアドレス | ユーザー名 | パスワード | パスワードをお忘れの方 | ログイン | メールマガジンを購読する | 現在のパスワード | 新しいパスワード | 新しいパスワード（確認）
Chinese: 注册新账号 | 立即注册 | 电子邮箱 | 用户名 | 密码 | 忘记密码? | 登录 | 订阅 | 当前密码 | 新密码 | 确认新密码
Swedish: Skapa konto | Registrera dig | E-post | Användarnamn | Lösenord | Glömt lösenordet? | Logga in | Prenumerera på nyhetsbrevet | Nuvarande lösenord | Nytt lösenord | Upprepa nytt lösenord
Danish: Opret konto | Tilmeld dig | E-mail | Brugernavn | Adgangskode | Glemt adgangskode? | Log ind | Tilmeld nyhedsbrev | Nuværende adgangskode | Ny adgangskode | Gentag ny adgangskode
Norwegian: Opprett konto | Registrer deg | E-post | Brukernavn | Passord | Glemt passordet? | Logg inn | Abonner på nyhetsbrev | Nåværende passord | Nytt passord | Gjenta nytt passord
Finnish: Luo tili | Rekisteröidy | Sähköposti | Käyttäjätunnus | Salasana | Unohditko salasanan? | Kirjaudu sisään | Tilaa uutiskirje | Nykyinen salasana | Uusi salasana | Vahvista uusi salasana
Dutch: Account aanmaken | Registreren | E-mailadres | Gebruikersnaam | Wachtwoord | Wachtwoord vergeten? | Inloggen | Abonneren op de nieuwsbrief | Huidig wachtwoord | Nieuw wachtwoord | Herhaal nieuw wachtwoord
Hungarian: Fiók létrehozása | Regisztráció | E-mail cím | Felhasználónév | Jelszó | Elfelejtette a jelszavát? | Bejelentkezés | Feliratkozás hírlevélre | Jelenlegi jelszó | Új jelszó | Új jelszó megerősítése
Romanian: Creează un cont | Înregistrează-te | E-mail | Nume de utilizator | Parolă | Ai uitat parola? | Autentificare | Abonează-te la newsletter | Parola actuală | Parola nouă | Confirmă parola nouă
German: Konto erstellen | Registrieren | E-Mail-Adresse | Benutzername | Passwort | Passwort vergessen? | Anmelden | Newsletter abonnieren | Aktuelles Passwort | Neues Passwort | Neues Passwort wiederholen
French: Créer un compte | S’inscrire | Adresse e-mail | Identifiant | Mot de passe | Mot de passe oublié ? | Se connecter | S’abonner | Mot de passe actuel | Nouveau mot de passe | Confirmez le nouveau mot de passe
Spanish: Crear cuenta | Registrarse | Correo electrónico | Usuario | Contraseña | ¿Olvidaste tu contraseña? | Iniciar sesión | Suscribirse al boletín | Contraseña actual | Nueva contraseña | Repite la nueva contraseña
Portuguese: Crie sua conta | Cadastrar | E-mail | Usuário | Senha | Esqueceu a senha? | Entrar | Assinar a newsletter | Senha atual | Nova senha | Confirme a nova senha
Italian: Crea un account | Registrati | E-mail | Nome utente | Password | Password dimenticata? | Accedi | Iscriviti alla newsletter | Password attuale | Nuova password | Ripeti la nuova password
Catalan: Crea un compte | Registra’t | Correu electrònic | Nom d’usuari | Contrasenya | Has oblidat la contrasenya? | Inicia la sessió | Subscriu-te al butlletí | Contrasenya actual | Contrasenya nova | Repeteix la contrasenya nova
English: Create account | Sign up | E-mail | User name | Password | Forgot your password? | Log in | Subscribe | Current password | New password | Repeat new password";

/// Each language with its words.
fn languages() -> impl Iterator<Item = (&'static str, [&'static str; 11])> {
    LANGUAGES.lines().filter_map(|line| {
        let (language, words) = line.split_once(": ")?;
        let words: Vec<&str> = words.split(" | ").collect();
        Some((language, words.try_into().ok()?))
    })
}

fn of(lines: &[String]) -> PageFacts {
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    page("", &lines)
}

fn steps(analysis: &Analysis) -> Vec<(u32, FillRole)> {
    let have = Have {
        username: true,
        password: true,
        totp: true,
    };
    plan(analysis, have)
        .map(|plan| plan.steps)
        .unwrap_or_default()
}

#[test]
fn every_line_has_every_word() {
    assert_eq!(languages().count(), LANGUAGES.lines().count());
}

#[test]
fn only_the_login_is_filled_beside_a_sign_up_and_a_newsletter() {
    for (
        language,
        [
            heading,
            sign_up,
            email,
            user,
            password,
            forgot,
            login,
            subscribe,
            ..,
        ],
    ) in languages()
    {
        let analysis = analyze(&of(&[
            format!("form {heading}"),
            format!("text f1 - | {email}"),
            format!("password f2 - | {password}"),
            format!("button {sign_up}"),
            "form".to_owned(),
            format!("text f3 - | {user}"),
            format!("password f4 - | {password}"),
            format!("link {forgot}"),
            format!("button {login}"),
            "form".to_owned(),
            format!("text f5 - | {email}"),
            format!("button {subscribe}"),
        ]));
        let kinds: Vec<FormKind> = analysis.groups.iter().map(|group| group.kind).collect();
        assert_eq!(
            kinds[..2],
            [FormKind::SignUp, FormKind::Login],
            "{language}"
        );
        let want = [(2, FillRole::Username), (3, FillRole::Password)];
        assert_eq!(steps(&analysis), want, "{language}");
    }
}

#[test]
fn a_button_alone_tells_a_sign_up() {
    for (language, [_, sign_up, email, _, password, ..]) in languages() {
        let analysis = analyze(&of(&[
            "form".to_owned(),
            format!("text a - | {email}"),
            format!("password b - | {password}"),
            format!("button {sign_up}"),
        ]));
        assert_eq!(steps(&analysis), [], "{language}");
    }
}

#[test]
fn of_a_change_only_the_present_password_is_filled() {
    for (language, [.., current, new, repeat]) in languages() {
        let [current, new, repeat] =
            [current, new, repeat].map(|label| format!("password p - | {label}"));
        let analysis = analyze(&of(&["form".to_owned(), new, repeat, current]));
        assert_eq!(steps(&analysis), [(2, FillRole::Password)], "{language}");
        let labels: Vec<_> = analysis.fields().map(|field| field.label).collect();
        assert_eq!(labels[..2], [FieldLabel::NewPassword; 2], "{language}");
    }
}
