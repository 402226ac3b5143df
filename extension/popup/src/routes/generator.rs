//! The generator's screen.

use leptos::prelude::*;

use crate::components::{
    bar::{BottomBar, TopBar},
    generator::{Generator, lately::GeneratedLately},
};

/// Makes passwords for use anywhere.
#[component]
pub(crate) fn GeneratorScreen() -> impl IntoView {
    crate::dom::focus("regenerate");
    view! {
        <main class="screen">
            <TopBar title="Generator"/>
            <div class="content">
                <Generator/>
                <GeneratedLately/>
            </div>
            <BottomBar/>
        </main>
    }
}
