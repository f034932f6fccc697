//! The page in Norwegian (bokmål).

use crate::of;

use super::{
    Advice, Checks, Concerns, CountAdvice, Exports, GuardAdvice, Mapping, Notices, Overall, Page,
    Resolutions, Runs, Streams,
};

pub(super) const PAGE: Page = Page {
    language: "nb",
    title: "Dynamics Sync",
    skip: "Hopp til innholdet",
    read_at: |moment| format!("Hentet {moment}."),
    reload: "Hent på nytt",
    run_now: "Synkroniser nå",
    test_alert: "Send en testmelding",
    for_programs: "Det samme for programmer (JSON)",
    settings: "Disse innstillingene er feil",
    store: "Svaret fra tabellene",
    overall: OVERALL,
    concerns: CONCERNS,
    streams: STREAMS,
    resolutions: RESOLUTIONS,
    runs: RUNS,
    exports: EXPORTS,
    checks: CHECKS,
    mapping: MAPPING,
    notices: NOTICES,
};

const OVERALL: Overall = Overall {
    empty: "Ingenting er synkronisert ennå",
    good: "Alt er i orden",
    attention: "Det virker, men noe venter på deg",
    broken: "Synkroniseringen virker ikke som den skal",
    not_set_up: "Synkroniseringen er ikke satt opp riktig",
    unknown: "Vi får ikke vite hvordan det står til",
    fresh: |moment| format!("Appen viser det Dynamics hadde {moment}, eller nyere."),
    not_loaded: "Noe er ikke hentet fra Dynamics ennå.",
    begin: "Trykk «Synkroniser nå», eller vent til i natt.",
    running: "En synkronisering pågår nå.",
};

const CONCERNS: Concerns = Concerns {
    heading: "Dette må noen se på",
    since: |moment| format!("Siden {moment}."),
    run_not_done: Advice {
        what: "Nattens synkronisering ble ikke ferdig.",
        act: "Trykk «Synkroniser nå». Skjer det igjen, så si fra til dem som drifter løsningen.",
    },
    failing: CountAdvice {
        what: |times| match times {
            1 => "Den siste synkroniseringen mislyktes.".to_owned(),
            _ => format!("De siste {times} synkroniseringene mislyktes."),
        },
        act: "Årsaken står nedenfor. Appen viser fortsatt det den hadde fra før.",
    },
    stale: Advice {
        what: "Appen viser gamle opplysninger.",
        act: "Trykk «Synkroniser nå». Hjelper ikke det, så si fra til dem som drifter løsningen.",
    },
    still: CountAdvice {
        what: |days| format!("Ingenting er endret i Dynamics på {days} dager, så vidt vi kan se."),
        act: "Virker det rart, så spør dem som har ansvar for Dynamics, om hva brukeren vår har lov til å lese der.",
    },
    unreadable: Advice {
        what: "Det vi har lagret om denne, kan ikke leses.",
        act: "Si fra til dem som drifter løsningen.",
    },
    unreachable: Advice {
        what: "Dynamics slipper oss ikke inn.",
        act: "Årsaken står under «Forbindelser». Spør dem som har ansvar for Dynamics eller påloggingen.",
    },
    not_checked: Advice {
        what: "Forbindelsene er ikke kontrollert på en stund.",
        act: "Den faste kontrollen kjører ikke. Si fra til dem som drifter løsningen.",
    },
    credential_expiring: CountAdvice {
        what: |days| match days {
            0 => "Passordet vårt til Dynamics går ut i dag.".to_owned(),
            _ => format!(
                "Passordet vårt til Dynamics går ut om {}.",
                of(days, "dag", "dager")
            ),
        },
        act: "Lag en ny klienthemmelighet eller et nytt sertifikat i Entra, og legg det inn i stedet for det gamle før den tid. Veiledningen sier hvordan.",
    },
    credential_expired: Advice {
        what: "Passordet vårt til Dynamics er gått ut.",
        act: "Lag en ny klienthemmelighet eller et nytt sertifikat i Entra, og legg det inn i stedet for det gamle. Veiledningen sier hvordan.",
    },
    credential_end_unknown: Advice {
        what: "Ingen vet når passordet vårt til Dynamics går ut.",
        act: "Legg inn dagen som Entra viser, som DYNAMICS_CLIENT_SECRET_EXPIRES_ON, så blir du varslet i tide.",
    },
    guard: GuardAdvice {
        what: |vanishing, of| {
            format!(
                "{vanishing} av {of} oppføringer ville ha forsvunnet fra appen. Det har vi stanset."
            )
        },
        act: "Se i Dynamics om de virkelig er borte. Er de det, så la dem forsvinne.",
        released: "Godkjent: De forsvinner ved neste synkronisering.",
        release: |vanishing| format!("La {} forsvinne", of(vanishing, "oppføring", "oppføringer")),
    },
    expiry_guard: GuardAdvice {
        what: |vanishing, of| {
            format!(
                "{vanishing} av {of} oppføringer er gått ut på én gang. De er skjult i appen, men ikke skrevet til Dynamics ennå."
            )
        },
        act: "Se om datoene stemmer. Gjør de det, så la det bli skrevet.",
        released: "Godkjent: De skrives ved neste synkronisering.",
        release: |vanishing| {
            format!(
                "Skriv {} til Dynamics",
                of(vanishing, "oppføring", "oppføringer")
            )
        },
    },
    held: CountAdvice {
        what: |count| {
            format!(
                "{} er gjort forskjellig i appen og i Dynamics.",
                of(count, "endring", "endringer")
            )
        },
        act: "Avgjør nedenfor hvilken side som har rett.",
    },
    refused: CountAdvice {
        what: |count| {
            format!(
                "{} kunne ikke skrives til Dynamics.",
                of(count, "endring", "endringer")
            )
        },
        act: "Årsaken står nedenfor. Rett det i Dynamics og prøv igjen, eller forkast endringen.",
    },
    mismatches: CountAdvice {
        what: |count| {
            format!(
                "{} i Dynamics er annerledes enn det som ble skrevet.",
                of(count, "oppføring", "oppføringer")
            )
        },
        act: "Noen, eller en regel i Dynamics, har endret dem. Se på dem i Dynamics.",
    },
    schema: CountAdvice {
        what: |count| match count {
            1 => "Én ting som den bygger på, er endret i Dynamics.".into(),
            _ => format!("{count} ting som den bygger på, er endret i Dynamics."),
        },
        act: "Hva som er endret, står nedenfor. Endre det tilbake i Dynamics, eller tilpass strømfilen. Det som ikke stopper synkroniseringen, regnes som tilsiktet etter 14 dager.",
    },
    quarantined: CountAdvice {
        what: |count| format!("{} kan ikke leses.", of(count, "rad", "rader")),
        act: "En verdi i Dynamics passer ikke med oppsettet. En av dem står nedenfor, med årsaken. De prøves på nytt hver natt.",
    },
    expiring: CountAdvice {
        what: |count| format!("{} går snart ut.", of(count, "oppføring", "oppføringer")),
        act: "Forny dem som fortsatt skal vises.",
    },
    unsent: CountAdvice {
        what: |count| format!("{} kunne ikke sendes.", of(count, "melding", "meldinger")),
        act: "De prøves på nytt. Fortsetter det, så si fra til dem som drifter løsningen.",
    },
    nobody: Advice {
        what: "Noen av meldingene våre har ingen mottaker.",
        act: "Se «Forbindelser». Legg til en mottaker, og bekreft abonnementet i meldingen som kommer.",
    },
};

const STREAMS: Streams = Streams {
    heading: "Det som synkroniseres",
    name: "Navn",
    level: "Status",
    as_of: "Appen viser",
    last_success: "Sist vellykket",
    waiting: "Venter på neste synkronisering",
    held: "Venter på en avgjørelse",
    refused: "Avvist",
    mismatches: "Annerledes i Dynamics",
    schema: "Endret i tabellen",
    quarantined: "Kan ikke leses",
    expiring: "Går snart ut",
    never: "ingenting ennå",
    only_writes: "skrives bare til Dynamics",
    nothing_there: "ingenting: Dynamics har ikke tabellen",
    empty: "Ikke hentet ennå",
    good: "I orden",
    attention: "Venter på deg",
    broken: "Virker ikke",
    skipped: "Hoppes over",
    running: "Pågår nå",
    reason: "Hvorfor den siste synkroniseringen ikke ble fullført",
    soonest: |name| format!("Går snart ut: {name}"),
    more: |count| format!("og {count} til"),
    open: "Åpne i Dynamics",
};

const RESOLUTIONS: Resolutions = Resolutions {
    heading: "Endringer som venter på en avgjørelse",
    lead: "Disse blir ikke skrevet til Dynamics før noen bestemmer seg.",
    held: "Endret på begge sider",
    refused: "Avvist",
    upsert: "Endre eller opprette",
    create: "Opprette",
    update: "Endre",
    delete: "Slette",
    fields: "Felt",
    accepted: "Mottatt",
    from: "Fra",
    app: |key| format!("appen ({key})"),
    expiry: "en sluttdato som er passert",
    renewal: "en sluttdato som er forlenget",
    assertion: "et felt som appen bestemmer over",
    reason: "Årsak",
    id: "Nummer",
    retry: "Prøv igjen",
    drop: "Forkast",
    keep_app: "Bruk appens verdier",
    keep_dynamics: "Behold verdiene i Dynamics",
    about: |stream, id| format!("{stream}, endring {id}"),
    more: "Det er flere enn disse. De kommer fram når disse er tatt hånd om.",
};

const RUNS: Runs = Runs {
    heading: "Siste synkroniseringer",
    none: "Det har ikke vært noen ennå.",
    chart: "De siste synkroniseringene",
    described: |all, complete, partial, failed| {
        format!(
            "{all} synkroniseringer, den nyeste til høyre: {complete} fullført, {partial} delvis, {failed} mislykket. Tabellen nedenfor sier mer."
        )
    },
    legend: "Jo høyere en søyle er, desto flere oppføringer ble endret.",
    began: "Begynte",
    status: "Resultat",
    took: "Varte",
    pulled: "Lest",
    stored: "Lagret",
    deleted: "Fjernet",
    pushed: "Skrevet til Dynamics",
    requests: "Forespørsler",
    complete: "Fullført",
    partial: "Delvis",
    failed: "Mislykket",
    underway: "Pågår",
    held: "Ventet på en annen",
    unknown: "Ukjent",
    duration: |hours, minutes, seconds| match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} t {minutes} min"),
    },
};

const EXPORTS: Exports = Exports {
    heading: "Last ned",
    lead: "Filer som kan åpnes i Excel.",
    from_dynamics: "Slik Dynamics har det nå",
    from_copy: "Slik appen viser det",
    changes: "Endringer som ikke er i Dynamics ennå",
    latest: "Siste nedlastinger",
    none: "Det har ikke vært noen ennå.",
    began: "Når",
    key: "Av",
    stream: "Hva",
    source: "Fra",
    rows: "Rader",
    outcome: "Resultat",
    hash: "Fingeravtrykk (SHA-256)",
    dynamics: "Dynamics",
    copy: "kopien",
    fallback: "kopien, fordi Dynamics ikke svarte",
    waiting: "åpne endringer",
    underway: "Pågår",
    complete: "Fullført",
    incomplete: "Avbrutt",
};

const CHECKS: Checks = Checks {
    heading: "Forbindelser",
    never: "Ikke kontrollert ennå.",
    looked: |moment| format!("Kontrollert {moment}."),
    token: "Pålogging",
    dynamics: "Dynamics",
    works: "Virker",
    answers: |milliseconds| format!("Svarer på {milliseconds} ms"),
    not_asked: "Ikke spurt, fordi påloggingen mislyktes",
    fails: "Virker ikke",
    secret: "Klienthemmelighet",
    certificate: "Sertifikat",
    credential: "Passord til Dynamics",
    until: |day, days| {
        format!(
            "Gjelder til {day}: {} igjen",
            match days {
                1 => "1 dag".to_owned(),
                _ => format!("{days} dager"),
            }
        )
    },
    ended: |day| format!("Gikk ut {day}"),
    not_known: "Ikke kjent",
    budget: "Forespørsler til Dynamics",
    share: |percent| format!("Høyst {percent} % av det Dynamics tillater"),
    remaining: |requests| format!("{requests} igjen akkurat nå"),
    operations: "Meldinger til drift",
    coordinators: "Meldinger til koordinatorer",
    subscribers: |confirmed, pending| {
        let recipients = match confirmed {
            1 => "1 mottaker".to_owned(),
            _ => format!("{confirmed} mottakere"),
        };
        match pending {
            0 => recipients,
            _ => format!("{recipients}, {pending} har ikke bekreftet ennå"),
        }
    },
    to_the_log: "Skrives bare i loggen",
};

const MAPPING: Mapping = Mapping {
    heading: "Felt og kolonner",
    table: "Tabell",
    pull: "fra Dynamics til appen",
    push: "fra appen til Dynamics",
    both: "begge veier",
    field: "I appen",
    column: "I Dynamics",
    remarks: "Merknader",
    key: "kjennetegner oppføringen",
    owned_by_dynamics: "endres bare i Dynamics",
    owned_by_app: "appen bestemmer",
    stamp: "tidspunktet for siste skriving",
    date: "en dag",
    lookup: |table| format!("viser til {table}"),
    choice: |labels| format!("én av: {labels}"),
};

const NOTICES: Notices = Notices {
    started: "Synkroniseringen er startet. Den vises her når den er ferdig.",
    underway: "En synkronisering pågår allerede. Ingenting ble startet.",
    released: "Godkjent. Det skjer ved neste synkronisering.",
    tested: "En testmelding er sendt.",
    resolved: "Ferdig. Endringen er behandlet slik du valgte.",
    not_possible: "Det lar seg ikke gjøre lenger, for noe har endret seg i mellomtiden. Se hvordan det står nå.",
    failed: "Det lot seg ikke gjøre akkurat nå. Prøv igjen om litt.",
};
