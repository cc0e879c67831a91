//! Whose pages they are, by which rules it lends, and what rights and duties the client has (Rules cl.
//! [7.2](lending::law::CL_7_2), [8.2](lending::law::CL_8_2), [8.5](lending::law::CL_8_5)).

use app::organization::Organization;
use maud::html;
use texts::{Lang, client as t};

use crate::{
    guard::{Answer, Reader},
    page,
};

pub(super) async fn show(reader: Reader) -> Answer {
    let (lang, o) = (reader.lang, &reader.site.settings.organization);
    let body = html! {
        h1 { (t::organization_title(lang)) }
        div.card {
            (page::facts(&[
                (t::organization_name(lang), html! { (o.legal_name.in_lang(lang)) }),
                (t::organization_bin(lang), html! { span.figures { (o.bin) } }),
                (t::organization_licence(lang), html! { (licence(lang, o)) }),
                (t::organization_manager(lang), html! { (o.first_manager) br; small { (o.manager_post.in_lang(lang)) } }),
                (t::organization_legal_address(lang), html! { (o.legal_address.in_lang(lang)) }),
                (t::organization_actual_address(lang), html! { (o.actual_address.in_lang(lang)) }),
                (t::organization_phones(lang), html! { (o.phones) }),
                (t::organization_fax(lang), html! { (o.fax) }),
                (t::organization_email(lang), html! { a href={ "mailto:" (o.email) } { (o.email) } }),
            ]))
        }
    };
    Ok(page::show(&reader, t::organization_title(lang), &body))
}

/// The licence: number and date.
pub(crate) fn licence(lang: Lang, o: &Organization) -> String {
    t::organization_licence_of(lang, texts::format::date_short(o.licence_date), &o.licence_number)
}

pub(super) async fn rules(reader: Reader) -> Answer {
    let lang = reader.lang;
    let body = html! {
        h1 { (t::rules_title(lang)) }
        article.card { (page::paragraphs(t::rules_text(lang))) }
    };
    Ok(page::show(&reader, t::rules_title(lang), &body))
}

pub(super) async fn rights(reader: Reader) -> Answer {
    let lang = reader.lang;
    let body = html! {
        h1 { (t::rights_title(lang)) }
        article.card { (page::paragraphs(t::rights_text(lang))) }
    };
    Ok(page::show(&reader, t::rights_title(lang), &body))
}
