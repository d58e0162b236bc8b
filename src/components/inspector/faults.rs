//! The switches by which the wire is broken.

use holdfast_leptos::inspect::Faults;
use leptos::prelude::*;

/// The switches.
#[component]
pub(super) fn FaultsForm(faults: Signal<Faults>, on_faults: Callback<Faults>, on_cut: Callback<()>) -> impl IntoView {
    let set = move |change: fn(&mut Faults, u32)| {
        move |value: u32| {
            let mut faults = faults.get_untracked();
            change(&mut faults, value);
            on_faults.run(faults);
        }
    };
    view! {
        <div class="inspector-faults">
            <NumberField
                label="Delay" unit="ms" max=60_000 testid="inspector-delay"
                value=Signal::derive(move || faults.get().delay_ms)
                on_change=Callback::new(set(|faults, value| faults.delay_ms = value))
            />
            <NumberField
                label="Drop" unit="%" max=100 testid="inspector-drop"
                value=Signal::derive(move || faults.get().drop_percent.into())
                on_change=Callback::new(set(|faults, value| faults.drop_percent = percent_of(value)))
            />
            <NumberField
                label="Duplicate" unit="%" max=100 testid="inspector-duplicate"
                value=Signal::derive(move || faults.get().duplicate_percent.into())
                on_change=Callback::new(set(|faults, value| faults.duplicate_percent = percent_of(value)))
            />
            <Switch
                label="Half-open" title="Sockets stay, and nothing arrives" testid="inspector-silent"
                value=Signal::derive(move || faults.get().is_silent)
                on_change=Callback::new(set(|faults, value| faults.is_silent = value > 0))
            />
            <Switch
                label="No network" title="Sockets are cut and cannot be opened" testid="inspector-blocked"
                value=Signal::derive(move || faults.get().is_blocked)
                on_change=Callback::new(set(|faults, value| faults.is_blocked = value > 0))
            />
            <div class="inspector-actions">
                <button type="button" class="button" data-testid="inspector-cut" on:click=move |_| on_cut.run(())>
                    "Cut the socket"
                </button>
                <button
                    type="button"
                    class="button quiet"
                    data-testid="inspector-heal"
                    disabled=move || faults.get() == Faults::NONE
                    on:click=move |_| on_faults.run(Faults::NONE)
                >
                    "No faults"
                </button>
            </div>
        </div>
    }
}

fn percent_of(value: u32) -> u8 {
    u8::try_from(value).map_or(100, |percent| percent.min(100))
}

#[component]
fn NumberField(
    label: &'static str,
    unit: &'static str,
    max: u32,
    testid: &'static str,
    value: Signal<u32>,
    on_change: Callback<u32>,
) -> impl IntoView {
    view! {
        <label class="inspector-field" data-set=move || (value.get() > 0).then_some("")>
            <span>{label}</span>
            <input
                type="number"
                class="input"
                inputmode="numeric"
                min="0"
                max=max.to_string()
                data-testid=testid
                prop:value=move || value.get().to_string()
                // A field that is being emptied to be filled anew means nothing yet.
                on:input=move |event| {
                    if let Ok(typed) = event_target_value(&event).parse::<u32>() {
                        on_change.run(typed.min(max));
                    }
                }
            />
            <span class="inspector-unit">{unit}</span>
        </label>
    }
}

#[component]
fn Switch(
    label: &'static str,
    title: &'static str,
    testid: &'static str,
    value: Signal<bool>,
    on_change: Callback<u32>,
) -> impl IntoView {
    view! {
        <label class="inspector-switch" title=title data-set=move || value.get().then_some("")>
            <input
                type="checkbox"
                data-testid=testid
                prop:checked=move || value.get()
                on:change=move |event| on_change.run(event_target_checked(&event).into())
            />
            <span>{label}</span>
        </label>
    }
}
