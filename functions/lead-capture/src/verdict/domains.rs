//! Mail domains known by heart: throw-away providers, and free mailboxes that say nothing about an employer.
//!
//! Chosen from general knowledge of the large providers, for Spanish- and English-speaking visitors; small on purpose, since it
//! ships in every function. Neither list claims to be complete, and no one is turned away for standing in one.

/// Whether mail to this domain goes to a throw-away provider; a provider's subdomains count.
#[must_use]
pub fn is_disposable(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let mut rest = domain.as_str();
    loop {
        if is_listed(DISPOSABLE, rest) {
            return true;
        }
        match rest.split_once('.') {
            Some((_, parent)) => rest = parent,
            None => return false,
        }
    }
}

/// Whether anybody can have a mailbox at this domain for nothing, so that it tells of no employer.
#[must_use]
pub fn is_free(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    is_listed(FREE, &domain)
}

fn is_listed(list: &str, domain: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == domain)
}

/// Sorted, as a test holds it to; one text, which ships smaller than a table.
const DISPOSABLE: &str = "
    0-mail.com 10minutemail.co.uk 10minutemail.com 10minutemail.net 1secmail.com 1secmail.net 1secmail.org 20minutemail.com
    5ymail.com anonbox.net anonymbox.com armyspy.com binkmail.com bobmail.info bugmenot.com byom.de chammy.info crazymailing.com
    cuvox.de dayrep.com deadaddress.com despam.it devnullmail.com discard.email discardmail.com discardmail.de dispostable.com
    dropmail.me dumpmail.de easytrashmail.com einrot.com emailfake.com emailondeck.com emailsensei.com emailtemporanea.com
    emailtemporario.com.br emltmp.com fakeinbox.com fakemail.net fakemailgenerator.com filzmail.com generator.email
    getairmail.com getnada.com grr.la guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.info guerrillamail.net
    guerrillamail.org guerrillamailblock.com gustr.com harakirimail.com hidemail.de inboxalias.com inboxbear.com inboxkitten.com
    incognitomail.com incognitomail.org jetable.com jetable.net jetable.org jourrapide.com kasmail.com kurzepost.de
    linshiyouxiang.net mail-temp.com mail-temporaire.fr mail.tm mail7.io mailcatch.com maildrop.cc maileater.com mailexpire.com
    mailforspam.com mailinator.com mailinator.net mailinator2.com mailmetrash.com mailmoat.com mailnesia.com mailnull.com
    mailpoof.com mailsac.com mailshell.com mailsiphon.com mailtemp.info mailtothis.com mailzilla.com meltmail.com mintemail.com
    moakt.com moakt.ws mohmal.com mvrht.com mytemp.email mytrashmail.com nada.email nospam4.us nospamfor.us nowmymail.com
    objectmail.com oneoffemail.com owlymail.com pokemail.net proxymail.eu rcpt.at reallymymail.com rhyta.com rtrtr.com
    safetymail.info sharklasers.com shieldedmail.com shortmail.net slopsbox.com smashmail.de sogetthis.com spam4.me
    spamavert.com spambob.com spambox.us spamcero.com spamex.com spamfree24.org spamherelots.com spamhole.com spaml.com
    spammotel.com spamspot.com superrito.com suremail.info teleworm.us temp-mail.io temp-mail.org tempail.com tempemail.com
    tempemail.net tempinbox.com tempmail.com tempmail.de tempmail.dev tempmail.eu tempmail.net tempmail.plus tempmailaddress.com
    tempmailer.com tempmailo.com tempomail.fr temporarily.de temporaryemail.net temporaryinbox.com temporarymailaddress.com
    tempr.email thankyou2010.com throwam.com throwawaymail.com tmail.ws tmailinator.com tmpmail.net tmpmail.org trash-mail.at
    trash-mail.com trash-mail.de trashdevil.com trashinbox.com trashmail.at trashmail.com trashmail.de trashmail.io trashmail.me
    trashmail.net trashmail.org trashmail.ws trbvm.com tyldd.com veryrealemail.com wegwerfemail.de wegwerfmail.de
    wegwerfmail.net wegwerfmail.org wh4f.org yopmail.com yopmail.fr yopmail.net zetmail.com zoemail.org
";

/// Sorted, as a test holds it to; one text, which ships smaller than a table.
const FREE: &str = "
    126.com 163.com aim.com alice.it aol.com arcor.de arnet.com.ar bellsouth.net bigpond.com bluewin.ch bol.com.br
    btinternet.com cantv.net charter.net comcast.net cox.net duck.com earthlink.net email.com email.it euskaltel.net
    fastmail.com fastmail.fm fibertel.com.ar free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.es gmx.net
    googlemail.com hey.com hotmail.be hotmail.ca hotmail.cl hotmail.co.uk hotmail.com hotmail.com.ar hotmail.com.br
    hotmail.com.mx hotmail.de hotmail.es hotmail.fr hotmail.it hotmail.nl hushmail.com icloud.com ig.com.br inbox.com inbox.lv
    jazzfree.com juno.com laposte.net latinmail.com libero.it live.ca live.cl live.co.uk live.com live.com.ar live.com.au
    live.com.mx live.com.pt live.de live.fr live.it live.nl lycos.com lycos.es mac.com mail.com mail.ru mailbox.org me.com
    mixmail.com movistar.es msn.com naver.com ntlworld.com ono.com orange.es orange.fr outlook.be outlook.cl outlook.com
    outlook.com.ar outlook.com.br outlook.de outlook.es outlook.fr outlook.it outlook.pt pm.me posteo.de posteo.net
    prodigy.net.mx proton.me protonmail.ch protonmail.com qq.com rediffmail.com rocketmail.com sapo.pt sbcglobal.net seznam.cz
    sfr.fr shaw.ca sky.com skynet.be speedy.com.ar t-online.de telefonica.net telenet.be telus.net terra.cl terra.com
    terra.com.br terra.es tiscali.it tuta.com tutamail.com tutanota.com tutanota.de uol.com.br verizon.net virgilio.it
    virginmedia.com wanadoo.es wanadoo.fr web.de wp.pl ya.com yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com
    yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.co yahoo.com.mx yahoo.com.pe yahoo.com.ve yahoo.de yahoo.es yahoo.fr
    yahoo.it yandex.com yandex.ru ymail.com zoho.com zohomail.com zohomail.eu
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_without_repeats() {
        for list in [DISPOSABLE, FREE] {
            let list: Vec<_> = list.split_ascii_whitespace().collect();
            assert!(list.len() > 100);
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", list.windows(2).find(|pair| pair[0] >= pair[1]));
            assert!(list.iter().all(|domain| domain.contains('.') && *domain == domain.to_ascii_lowercase()));
        }
    }

    #[test]
    fn no_domain_is_both_thrown_away_and_a_persons_mailbox() {
        assert_eq!(FREE.split_ascii_whitespace().find(|domain| is_disposable(domain)), None);
    }

    #[test]
    fn tells_throw_away_domains() {
        let cases = [
            ("mailinator.com", true),
            ("MAILINATOR.com.", true),
            ("inbox.mailinator.com", true),
            ("notmailinator.com", false),
            ("mailinator.com.example", false),
            ("gmail.com", false),
            ("com", false),
            ("", false),
        ];
        for (domain, expected) in cases {
            assert_eq!(is_disposable(domain), expected, "{domain}");
        }
    }

    #[test]
    fn tells_free_mailboxes() {
        let cases =
            [("gmail.com", true), ("Hotmail.ES", true), ("yahoo.com.mx", true), ("mail.gmail.com", false), ("acme.es", false), ("", false)];
        for (domain, expected) in cases {
            assert_eq!(is_free(domain), expected, "{domain}");
        }
    }
}
