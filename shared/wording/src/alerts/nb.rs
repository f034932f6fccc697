//! Alerts in Norwegian bokmål.

use super::{Alert, Alerts, Ended, Frame};
use crate::of;

pub(super) const ALERTS: Alerts = Alerts {
    run_not_done: Alert {
        subject: |_| "Dynamics Sync: Nattens synkronisering ble ikke ferdig".into(),
        happened: |_| "Nattens synkronisering var ikke ferdig klokken 6 i dag tidlig.".into(),
        means: |_| {
            "Appen og nettsidene kan vise opplysninger som er mer enn et døgn gamle, og noen med en sertifisering som er gått ut, kan fortsatt være synlige.".into()
        },
        act: |_| {
            "Åpne statussiden og trykk «Synkroniser nå». Skjer det igjen, så si fra til dem som drifter løsningen.".into()
        },
        sms: |_| {
            "Sync: Nattens synkronisering var ikke ferdig kl. 6. Åpne statussiden og trykk \"Synkroniser nå\".".into()
        },
    },
    run_not_done_ended: Ended {
        subject: |_| "Dynamics Sync: Synkroniseringen som manglet, er ferdig".into(),
        happened: |_| "Synkroniseringen som manglet, er ferdig nå.".into(),
        sms: |_| "Sync: Synkroniseringen som manglet, er ferdig nå.".into(),
    },
    stream_failing: Alert {
        subject: |f| format!("Dynamics Sync: {} blir ikke synkronisert", f.stream),
        happened: |f| match f.count {
            1 => format!("Den siste synkroniseringen av {} mislyktes.", f.stream),
            _ => format!(
                "De siste {} synkroniseringene av {} mislyktes.",
                f.count, f.stream
            ),
        },
        means: |_| {
            "Appen viser fortsatt det den hadde fra før. Ingenting er tapt: Den neste synkroniseringen fortsetter der denne stoppet.".into()
        },
        act: |_| {
            "Årsaken står på statussiden. Rett det som er galt, og trykk «Synkroniser nå».".into()
        },
        sms: |f| {
            format!(
                "Sync: {} blir ikke synkronisert. Årsaken står på statussiden.",
                f.stream
            )
        },
    },
    stream_failing_ended: Ended {
        subject: |f| format!("Dynamics Sync: {} blir synkronisert igjen", f.stream),
        happened: |f| format!("{} blir synkronisert igjen.", f.stream),
        sms: |f| format!("Sync: {} blir synkronisert igjen.", f.stream),
    },
    certification_sync_failed: Alert {
        subject: |f| format!("Dynamics Sync: {} er ikke oppdatert i appen", f.stream),
        happened: |f| {
            format!(
                "Det som er registrert under {} i Dynamics, kunne ikke synkroniseres med appen.",
                f.stream
            )
        },
        means: |_| {
            "Det du endrer i Dynamics nå, vises ikke i appen ennå, og det som fornyes i appen, kommer ikke til Dynamics ennå. Det som går ut, blir skjult likevel. Ingenting er tapt.".into()
        },
        act: |_| {
            "De som drifter løsningen, har også fått beskjed. Haster det, så se begge steder, både i appen og i Dynamics. Du får en melding når det virker igjen.".into()
        },
        sms: |f| {
            format!(
                "Sync: {} er ikke oppdatert i appen. Du får beskjed når det virker igjen.",
                f.stream
            )
        },
    },
    certification_sync_failed_ended: Ended {
        subject: |f| format!("Dynamics Sync: {} er oppdatert igjen", f.stream),
        happened: |f| {
            format!(
                "{} blir synkronisert mellom Dynamics og appen igjen.",
                f.stream
            )
        },
        sms: |f| format!("Sync: {} er oppdatert i appen igjen.", f.stream),
    },
    stream_stale: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: Appen viser gamle opplysninger fra {}",
                f.stream
            )
        },
        happened: |f| {
            format!(
                "Det appen viser fra {}, er mer enn et døgn gammelt, og vi vet ikke hvorfor.",
                f.stream
            )
        },
        means: |_| "Det som er endret i Dynamics etter det, vises ikke.".into(),
        act: |_| {
            "Åpne statussiden og trykk «Synkroniser nå». Hjelper ikke det, så si fra til dem som drifter løsningen.".into()
        },
        sms: |f| {
            format!(
                "Sync: Det appen viser fra {}, er mer enn et døgn gammelt. Se statussiden.",
                f.stream
            )
        },
    },
    stream_stale_ended: Ended {
        subject: |f| format!("Dynamics Sync: {} er oppdatert igjen", f.stream),
        happened: |f| format!("Det appen viser fra {}, er oppdatert igjen.", f.stream),
        sms: |f| {
            format!(
                "Sync: Det appen viser fra {}, er oppdatert igjen.",
                f.stream
            )
        },
    },
    nothing_moves: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: Ingenting er endret på {}",
                of(f.count, "dag", "dager")
            )
        },
        happened: |f| {
            format!(
                "Synkroniseringene går bra, men ingen av dem har hentet noe nytt på {}.",
                of(f.count, "dag", "dager")
            )
        },
        means: |_| {
            "Kanskje er ingenting endret i Dynamics. Men det kan også være at vi ikke får se det som er endret.".into()
        },
        act: |_| {
            "Endre noe i Dynamics, og se i appen dagen etter. Kommer endringen ikke fram, så spør dem som har ansvar for Dynamics, om hva brukeren vår har lov til å lese der.".into()
        },
        sms: |f| {
            format!(
                "Sync: Det er ikke kommet noe nytt fra Dynamics på {}. Kan det stemme?",
                of(f.count, "dag", "dager")
            )
        },
    },
    nothing_moves_ended: Ended {
        subject: |_| "Dynamics Sync: Noe er endret igjen".into(),
        happened: |_| "Det er kommet noe nytt fra Dynamics igjen.".into(),
        sms: |_| "Sync: Det er kommet noe nytt fra Dynamics igjen.".into(),
    },
    dynamics_unreachable: Alert {
        subject: |_| "Dynamics Sync: Dynamics slipper oss ikke inn".into(),
        happened: |_| {
            "Dynamics, eller påloggingen til Dynamics, har ikke sluppet oss inn på en stund.".into()
        },
        means: |_| {
            "Fortsetter det, vil den neste synkroniseringen mislykkes. Appen viser fortsatt det den hadde fra før.".into()
        },
        act: |_| {
            "Årsaken står på statussiden. Spør dem som har ansvar for Dynamics eller påloggingen."
                .into()
        },
        sms: |_| "Sync: Dynamics slipper oss ikke inn. Årsaken står på statussiden.".into(),
    },
    dynamics_unreachable_ended: Ended {
        subject: |_| "Dynamics Sync: Dynamics slipper oss inn igjen".into(),
        happened: |_| "Dynamics slipper oss inn igjen.".into(),
        sms: |_| "Sync: Dynamics slipper oss inn igjen.".into(),
    },
    not_checked: Alert {
        subject: |_| "Dynamics Sync: Den faste kontrollen kjører ikke".into(),
        happened: |_| "Den faste kontrollen av synkroniseringen har ikke kjørt på en stund.".into(),
        means: |_| {
            "Før den kjører igjen, får ingen beskjed i tide hvis en synkronisering mangler, eller hvis passordet vårt til Dynamics går ut.".into()
        },
        act: |_| "Se om tidsplanen er slått på, og hva loggen til funksjonen «health» sier.".into(),
        sms: |_| "Sync: Den faste kontrollen kjører ikke, så ingen får beskjed i tide.".into(),
    },
    not_checked_ended: Ended {
        subject: |_| "Dynamics Sync: Den faste kontrollen kjører igjen".into(),
        happened: |_| "Den faste kontrollen av synkroniseringen kjører igjen.".into(),
        sms: |_| "Sync: Den faste kontrollen kjører igjen.".into(),
    },
    credential_expiring: Alert {
        subject: |f| match f.count {
            0 => "Dynamics Sync: Passordet vårt til Dynamics går ut i dag".into(),
            _ => format!(
                "Dynamics Sync: Passordet vårt til Dynamics går ut om {}",
                of(f.count, "dag", "dager")
            ),
        },
        happened: |f| match f.count {
            0 => "Passordet vårt til Dynamics går ut i dag.".into(),
            _ => format!(
                "Passordet vårt til Dynamics går ut om {}.",
                of(f.count, "dag", "dager")
            ),
        },
        means: |_| "Etter den dagen kan ingenting synkroniseres.".into(),
        act: |_| {
            "Lag en ny klienthemmelighet eller et nytt sertifikat for appregistreringen vår i Entra, og legg det inn i stedet for det gamle. Veiledningen sier hvordan. Synkroniseringen trenger ikke å stanses imens.".into()
        },
        sms: |f| match f.count {
            0 => "Sync: Passordet vårt til Dynamics går ut i dag. Lag et nytt i Entra.".into(),
            _ => format!(
                "Sync: Passordet vårt til Dynamics går ut om {}. Lag et nytt i Entra.",
                of(f.count, "dag", "dager")
            ),
        },
    },
    credential_expired: Alert {
        subject: |_| "Dynamics Sync: Passordet vårt til Dynamics er gått ut".into(),
        happened: |_| "Passordet vårt til Dynamics er gått ut.".into(),
        means: |_| {
            "Ingenting kan synkroniseres før det finnes et nytt. Appen viser fortsatt det den hadde fra før. Det som går ut, blir skjult likevel.".into()
        },
        act: |_| {
            "Lag en ny klienthemmelighet eller et nytt sertifikat for appregistreringen vår i Entra, og legg det inn i stedet for det gamle. Veiledningen sier hvordan.".into()
        },
        sms: |_| {
            "Sync: Passordet vårt til Dynamics er gått ut, så ingenting synkroniseres. Lag et nytt i Entra.".into()
        },
    },
    credential_ended: Ended {
        subject: |_| "Dynamics Sync: Passordet vårt til Dynamics er fornyet".into(),
        happened: |_| {
            "Det er lagt inn et nytt passord til Dynamics, og det gjelder i mer enn 30 dager."
                .into()
        },
        sms: |_| "Sync: Passordet vårt til Dynamics er fornyet.".into(),
    },
    guard_tripped: Alert {
        subject: |f| format!("Dynamics Sync: {} er stanset", f.stream),
        happened: |f| {
            format!(
                "{} av {} oppføringer i {} ville ha forsvunnet fra appen på én gang. Det har vi stanset.",
                f.count, f.of, f.stream
            )
        },
        means: |_| "De vises fortsatt. Før noen har bestemt seg, hentes det ikke noe nytt.".into(),
        act: |_| {
            "Se i Dynamics om de virkelig er borte. Er de det, så godkjenn på statussiden at de forsvinner. Er de ikke det, så rett det i Dynamics. Da fortsetter den neste synkroniseringen av seg selv.".into()
        },
        sms: |f| {
            format!(
                "Sync: Svært mye ville ha forsvunnet fra {}. Bestem deg på statussiden.",
                f.stream
            )
        },
    },
    guard_tripped_ended: Ended {
        subject: |f| format!("Dynamics Sync: {} er ikke stanset lenger", f.stream),
        happened: |f| {
            format!(
                "{} er ikke stanset lenger: Noen har bestemt seg, eller det er rettet i Dynamics.",
                f.stream
            )
        },
        sms: |f| format!("Sync: {} er ikke stanset lenger.", f.stream),
    },
    expiry_guard_tripped: Alert {
        subject: |f| format!("Dynamics Sync: Mye i {} gikk ut på én gang", f.stream),
        happened: |f| {
            format!(
                "{} av {} oppføringer i {} er gått ut på én gang. De er skjult i appen, men ikke skrevet til Dynamics ennå.",
                f.count, f.of, f.stream
            )
        },
        means: |_| {
            "Kanskje stemmer datoene. Men er de satt ved en feil, kan de fortsatt rettes i Dynamics.".into()
        },
        act: |_| {
            "Se i Dynamics om datoene stemmer. Gjør de det, så godkjenn på statussiden at det skrives til Dynamics. Gjør de ikke det, så rett datoene. Da vises oppføringene igjen etter neste synkronisering.".into()
        },
        sms: |f| {
            format!(
                "Sync: Svært mye i {} er gått ut på én gang. Bestem deg på statussiden.",
                f.stream
            )
        },
    },
    expiry_guard_tripped_ended: Ended {
        subject: |f| format!("Dynamics Sync: Det som gikk ut i {}, er avklart", f.stream),
        happened: |f| {
            format!(
                "Det som gikk ut i {}, er ikke stanset lenger: Noen har bestemt seg, eller datoene er rettet.",
                f.stream
            )
        },
        sms: |f| format!("Sync: Det som gikk ut i {}, er avklart.", f.stream),
    },
    conflicts_held: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: {} i {} må avgjøres",
                of(f.count, "endring", "endringer"),
                f.stream
            )
        },
        happened: |f| {
            format!(
                "{} i {} er gjort forskjellig i appen og i Dynamics.",
                of(f.count, "endring", "endringer"),
                f.stream
            )
        },
        means: |_| {
            "Ingenting av det skrives til Dynamics før noen har avgjort hvilken side som har rett."
                .into()
        },
        act: |_| "Avgjør det på statussiden.".into(),
        sms: |f| {
            format!(
                "Sync: Endringer i {} venter på en avgjørelse på statussiden.",
                f.stream
            )
        },
    },
    conflicts_held_ended: Ended {
        subject: |f| format!("Dynamics Sync: Ingenting i {} må avgjøres lenger", f.stream),
        happened: |f| {
            format!(
                "Ingen endringer i {} venter på en avgjørelse lenger.",
                f.stream
            )
        },
        sms: |f| {
            format!(
                "Sync: Ingen endringer i {} venter på en avgjørelse lenger.",
                f.stream
            )
        },
    },
    changes_refused: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: {} i {} ble avvist",
                of(f.count, "endring", "endringer"),
                f.stream
            )
        },
        happened: |f| {
            format!(
                "{} i {} kunne ikke skrives til Dynamics.",
                of(f.count, "endring", "endringer"),
                f.stream
            )
        },
        means: |_| "Det som ble lagt inn i appen, er ikke i Dynamics.".into(),
        act: |_| {
            "Årsakene står på statussiden. Rett det i Dynamics og prøv igjen fra statussiden, eller forkast endringen.".into()
        },
        sms: |f| {
            format!(
                "Sync: Endringer i {} ble avvist av Dynamics. Se statussiden.",
                f.stream
            )
        },
    },
    changes_refused_ended: Ended {
        subject: |f| format!("Dynamics Sync: Ingenting i {} er avvist lenger", f.stream),
        happened: |f| format!("Alle avviste endringer i {} er tatt hånd om.", f.stream),
        sms: |f| {
            format!(
                "Sync: Alle avviste endringer i {} er tatt hånd om.",
                f.stream
            )
        },
    },
    mismatches: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: {} i {} er annerledes",
                of(f.count, "oppføring", "oppføringer"),
                f.stream
            )
        },
        happened: |f| {
            format!(
                "{} i {} er annerledes i Dynamics enn det som ble skrevet.",
                of(f.count, "oppføring", "oppføringer"),
                f.stream
            )
        },
        means: |_| {
            "Noen, eller en regel i Dynamics, har endret dem. Appen og Dynamics kan vise forskjellige opplysninger.".into()
        },
        act: |_| {
            "Se i Dynamics på det appen har skrevet i det siste, og finn ut hvem eller hva som endrer det."
                .into()
        },
        sms: |f| {
            format!(
                "Sync: Noe i {} er annerledes i Dynamics enn det som ble skrevet. Se statussiden.",
                f.stream
            )
        },
    },
    mismatches_ended: Ended {
        subject: |f| format!("Dynamics Sync: Ingen nye avvik i {}", f.stream),
        happened: |f| {
            format!(
                "Den siste synkroniseringen av {} fant ingen nye avvik fra det som ble skrevet.",
                f.stream
            )
        },
        sms: |f| {
            format!(
                "Sync: Den siste synkroniseringen av {} fant ingen nye avvik.",
                f.stream
            )
        },
    },
    schema_changed: Alert {
        subject: |f| format!("Dynamics Sync: Tabellen for {} er endret", f.stream),
        happened: |f| match f.count {
            1 => format!(
                "Én ting som synkroniseringen av {} bygger på, er endret i Dynamics: en kolonne, et valg eller en innstilling for tabellen.",
                f.stream
            ),
            _ => format!(
                "{} ting som synkroniseringen av {} bygger på, er endret i Dynamics: kolonner, valg eller innstillinger for tabellen.",
                f.count, f.stream
            ),
        },
        means: |_| {
            "Det er ikke sikkert at noe er galt ennå. Men synkroniseringen kan stoppe, appen kan vise noe feil, eller det som legges inn i appen, kan bli avvist.".into()
        },
        act: |_| {
            "Statussiden sier hva som er endret. Sørg for at det blir endret tilbake i Dynamics, eller tilpass strømfilen. Det som ikke stopper synkroniseringen og får stå i 14 dager, regnes som tilsiktet.".into()
        },
        sms: |f| {
            format!(
                "Sync: Tabellen for {} er endret i Dynamics. Statussiden sier hvordan.",
                f.stream
            )
        },
    },
    schema_changed_ended: Ended {
        subject: |f| format!("Dynamics Sync: Tabellen for {} er som forventet", f.stream),
        happened: |f| {
            format!(
                "Det som ble endret i tabellen for {} i Dynamics, er avklart: Det er endret tilbake, strømfilen er tilpasset, eller det regnes som tilsiktet etter 14 dager.",
                f.stream
            )
        },
        sms: |f| {
            format!(
                "Sync: Det som ble endret i tabellen for {}, er avklart.",
                f.stream
            )
        },
    },
    rows_unreadable: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: {} i {} kan ikke leses",
                of(f.count, "rad", "rader"),
                f.stream
            )
        },
        happened: |f| {
            format!(
                "{} i {} kan ikke leses fra Dynamics.",
                of(f.count, "rad", "rader"),
                f.stream
            )
        },
        means: |_| {
            "Appen viser det den hadde fra før. Har de en siste gyldig dag, er de skjult i appen til de kan leses. Alt annet blir synkronisert. De prøves på nytt hver natt.".into()
        },
        act: |_| {
            "En verdi i Dynamics passer ikke med oppsettet. Statussiden nevner en rad og sier hvorfor: Rett den i Dynamics, eller endre strømfilen.".into()
        },
        sms: |f| {
            format!(
                "Sync: Noe i {} kan ikke leses fra Dynamics. Se statussiden.",
                f.stream
            )
        },
    },
    rows_unreadable_ended: Ended {
        subject: |f| format!("Dynamics Sync: Alt i {} kan leses", f.stream),
        happened: |f| format!("Alle rader i {} kan leses igjen.", f.stream),
        sms: |f| format!("Sync: Alt i {} kan leses igjen.", f.stream),
    },
    expiring: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: {} i {} går snart ut",
                of(f.count, "oppføring", "oppføringer"),
                f.stream
            )
        },
        happened: |f| {
            format!(
                "{} i {} går snart ut.",
                of(f.count, "oppføring", "oppføringer"),
                f.stream
            )
        },
        means: |_| {
            "De forsvinner av seg selv fra appen og nettsidene etter siste gyldige dag.".into()
        },
        act: |_| {
            "Forny dem som fortsatt skal vises. De andre trenger du ikke å gjøre noe med.".into()
        },
        sms: |f| {
            format!(
                "Sync: {} i {} går snart ut. Forny det som skal vises.",
                of(f.count, "oppføring", "oppføringer"),
                f.stream
            )
        },
    },
    test: Alert {
        subject: |_| "Dynamics Sync: Testmelding".into(),
        happened: |_| "Dette er en test. Noen trykket «Send en testmelding» på statussiden.".into(),
        means: |_| "Meldinger fra synkroniseringen kommer fram til deg.".into(),
        act: |_| "Du trenger ikke å gjøre noe.".into(),
        sms: |_| {
            "Sync: Dette er en test. Meldinger fra synkroniseringen kommer fram til deg.".into()
        },
    },
    frame: Frame {
        reminder: |subject| format!("Påminnelse: {subject}"),
        since: |moment| format!("Vi har sagt fra om dette før. Slik har det vært siden {moment}."),
        means: "Hva det betyr",
        act: "Hva du kan gjøre",
        nothing_to_do: "Du trenger ikke å gjøre noe.",
        listed: |day, place| format!("{day}: {place}"),
        more: |count| format!("og {count} til"),
        page: |address| format!("Statussiden: {address}"),
        from: "Sendt av Dynamics Sync. Ingen leser svar på denne meldingen.",
    },
};
