//! How good the gate is with the shipped models, on sentences written by hand: thresholds were chosen on [`DEV`], figures are those of [`HELD`].

use super::*;
use crate::model::Both;

use Locale::{En, Es};

#[rustfmt::skip]
const PASSAGES: [(Locale, &str, &str); 14] = [
    (Es, "¿Cuánto cuesta Marea?", "Pagas 19 € por instructor y mes, impuestos aparte, y solo en los meses en que abres. No hay cuota de alta ni comisión por reserva. En invierno pausas la cuenta y conservas tus datos."),
    (En, "What does Marea cost?", "You pay €19 per instructor and month, plus tax, and only in the months you open. There is no set-up fee and no commission on bookings. In winter you pause the account and keep your data."),
    (Es, "¿Qué pasa si se cae la red en la playa?", "La lista del día ya está en el teléfono: nombres, tallas, alergias y contacto de emergencia. Lo que anotes se envía cuando vuelve la señal, una sola vez."),
    (En, "What if the network drops on the beach?", "The day's list is already on the phone: names, sizes, allergies and emergency contact. What you note down is sent when the signal returns, once."),
    (Es, "¿Cómo devuelvo un pedido?", "Tienes 30 días desde la entrega para devolver un pedido. Imprime la etiqueta desde tu cuenta y deja el paquete en cualquier oficina de Correos. El reembolso llega en 5 días laborables a la misma tarjeta. Los artículos personalizados no se pueden devolver."),
    (En, "How do I return an order?", "You have 30 days from delivery to return an order. Print the label from your account and drop the parcel at any post office. The refund arrives within 5 working days on the same card. Personalised items cannot be returned."),
    (Es, "¿Cómo recupero mi contraseña?", "En la pantalla de entrada pulsa «He olvidado mi contraseña» y escribe tu correo. Te mandamos un enlace que vale una hora. Si no llega, mira en la carpeta de correo no deseado o escribe a ayuda@marea.example."),
    (En, "How do I get my password back?", "On the sign-in screen press \"Forgot password\" and enter your e-mail address. We send you a link that works for one hour. If it does not arrive, look in the spam folder or write to help@marea.example."),
    (Es, "¿Qué incluye el plan Equipo?", "El plan Equipo cuesta 49 € al mes e incluye hasta 10 usuarios, informes semanales y soporte por teléfono. El plan Básico cuesta 15 € al mes, admite 2 usuarios y tiene soporte por correo."),
    (En, "What is in the Team plan?", "The Team plan costs €49 a month and includes up to 10 users, weekly reports and phone support. The Basic plan costs €15 a month, allows 2 users and has e-mail support."),
    (Es, "¿A qué hora atendéis?", "Atendemos de lunes a viernes de 9:00 a 18:00, hora peninsular. Los mensajes del fin de semana se contestan el lunes por la mañana. En agosto cerramos por las tardes."),
    (En, "When are you open?", "We are open Monday to Friday from 9:00 to 18:00, Madrid time. Weekend messages are answered on Monday morning. In August we close in the afternoons."),
    (Es, "¿Quién ve los datos de los alumnos?", "Los datos de los alumnos pertenecen a la escuela y se guardan en servidores de Frankfurt. Solo los instructores asignados a una clase ven las alergias. Al borrar a un alumno, sus datos desaparecen de las copias de seguridad en 35 días."),
    (En, "Who sees the students' data?", "Students' data belongs to the school and is kept on servers in Frankfurt. Only the instructors assigned to a class see allergies. When you erase a student, their data is gone from the backups within 35 days."),
];

/// The passage, the language answered in, the sentence, and whether the passage supports it.
type Case = (usize, Locale, &'static str, bool);

#[rustfmt::skip]
const DEV: [Case; 56] = [
    (0, Es, "Marea cuesta 19 € al mes por cada instructor, sin contar los impuestos.", true),
    (0, Es, "No cobramos cuota de alta ni comisión por las reservas.", true),
    (0, Es, "Solo pagas los meses en que estás abierto.", true),
    (1, En, "It costs €19 a month for each instructor, tax not included.", true),
    (1, En, "You can pause your account in winter without losing your data, which you keep.", false),
    (1, En, "There's no commission on bookings and no set-up fee.", true),
    (1, Es, "Pagas 19 € por instructor y mes, más impuestos.", true),
    (0, En, "In winter you can pause your account and keep your data.", true),
    (2, Es, "Las notas que tomes se envían una sola vez cuando vuelve la señal.", true),
    (3, En, "Your notes are sent once the signal returns.", true),
    (3, Es, "La lista del día ya está en el teléfono, con nombres, tallas y alergias.", true),
    (4, Es, "Puedes devolver un pedido durante los 30 días siguientes a la entrega.", true),
    (4, Es, "El dinero del reembolso vuelve a la misma tarjeta en 5 días laborables.", true),
    (5, En, "Personalised items can't be returned.", true),
    (5, En, "You can drop the parcel at any post office.", true),
    (5, Es, "El reembolso llega en 5 días laborables.", true),
    (6, Es, "Pulsa «He olvidado mi contraseña» en la pantalla de entrada.", true),
    (7, En, "The link we send works for one hour.", true),
    (7, En, "If the link does not arrive, check your spam folder or write to help@marea.example.", true),
    (8, Es, "El plan Equipo cuesta 49 € al mes y el plan Básico 15 €.", true),
    (9, En, "The Basic plan allows 2 users, while the Team plan includes up to 10 users.", true),
    (9, Es, "El plan Básico cuesta 15 € al mes y admite 2 usuarios.", true),
    (10, Es, "Abrimos de lunes a viernes, de 9:00 a 18:00.", true),
    (11, En, "Messages sent at the weekend are answered on Monday morning.", true),
    (12, Es, "Los datos pertenecen a la escuela.", true),
    (13, En, "Only instructors assigned to the class can see allergies.", true),
    (13, Es, "Los datos de los alumnos se guardan en servidores de Frankfurt.", true),
    (12, En, "The data is gone from the backups within 35 days.", true),
    (0, Es, "Marea cuesta 29 € al mes por cada instructor.", false),
    (0, Es, "Hay una cuota de alta y una comisión por reserva.", false),
    (0, Es, "El primer año tienes un descuento por instructor y mes.", false),
    (1, En, "You pay €19 per instructor and year.", false),
    (1, En, "There is a small commission on bookings.", false),
    (1, En, "You can pay with PayPal or Stripe every month.", false),
    (1, Es, "Puedes cancelar cuando quieras y te devolvemos el dinero.", false),
    (1, Es, "Pagas 19 $ por instructor y mes.", false),
    (2, Es, "Marea necesita conexión para ver la lista del día.", false),
    (3, En, "The list on the phone also shows payments and photos.", false),
    (3, En, "Your notes are lost when the signal drops.", false),
    (4, Es, "Tienes 60 días desde la entrega para devolver un pedido.", false),
    (4, Es, "Los artículos personalizados se pueden devolver.", false),
    (5, En, "A courier picks the parcel up at your home for free.", false),
    (5, En, "The refund arrives within 30 working days on the same card.", false),
    (5, Es, "Los gastos de envío de la devolución los pagamos nosotros.", false),
    (6, Es, "El enlace vale 24 horas.", false),
    (7, En, "Write to support@marea.example if the link does not arrive.", false),
    (7, En, "You can also reset your password by phone.", false),
    (8, Es, "El plan Básico cuesta 49 € al mes.", false),
    (9, En, "The Team plan includes phone support and a personal trainer.", false),
    (9, En, "The Team plan allows unlimited users and reports.", false),
    (10, Es, "También atendemos los sábados por la mañana.", false),
    (11, En, "We are open on public holidays in the mornings.", false),
    (11, Es, "Abrimos todos los días del año a cualquier hora.", false),
    (12, Es, "Los datos se guardan en servidores de Madrid.", false),
    (13, En, "Parents can see the allergies of every student.", false),
    (13, Es, "Vendemos los datos de los alumnos a otras empresas.", false),
];

#[rustfmt::skip]
const HELD: [Case; 56] = [
    (0, Es, "Pagas 19 € al mes por instructor, más impuestos.", true),
    (0, Es, "Si pausas la cuenta en invierno, conservas tus datos.", true),
    (0, Es, "No hay comisión por reserva.", true),
    (1, En, "The price is €19 per instructor per month, plus tax.", true),
    (1, En, "You only pay in the months when you are open.", true),
    (1, En, "Your data is kept when you pause the account in winter.", true),
    (1, Es, "No hay cuota de alta ni comisión por reserva.", true),
    (0, En, "You pay only in the months you open.", true),
    (2, Es, "El teléfono ya tiene la lista del día con las alergias y el contacto de emergencia.", true),
    (3, En, "The phone already has the day's list with names, sizes and allergies.", true),
    (3, Es, "Lo que anotas se envía cuando vuelve la señal.", true),
    (4, Es, "Imprime la etiqueta desde tu cuenta y deja el paquete en una oficina de Correos.", true),
    (4, Es, "Los artículos personalizados no admiten devolución.", true),
    (5, En, "You can return an order within thirty days of delivery.", true),
    (5, En, "The refund goes back to the same card within 5 working days.", true),
    (5, Es, "Tienes 30 días desde la entrega para devolver un pedido.", true),
    (6, Es, "Te enviamos por correo un enlace que vale una hora.", true),
    (7, En, "Press \"Forgot password\" on the sign-in screen and enter your e-mail.", true),
    (7, Es, "Escribe a help@marea.example si el enlace no llega.", true),
    (8, Es, "El plan Básico admite 2 usuarios y ofrece soporte por correo.", true),
    (9, En, "The Team plan is €49 a month with weekly reports and phone support.", true),
    (8, En, "The Basic plan costs €15 a month and allows 2 users.", true),
    (10, Es, "Los mensajes del fin de semana los contestamos el lunes por la mañana.", true),
    (11, En, "In August we are closed in the afternoons.", true),
    (11, Es, "En agosto cerramos por las tardes.", true),
    (12, Es, "Las alergias solo las ven los instructores asignados a la clase.", true),
    (13, En, "Student data is stored on servers in Frankfurt and belongs to the school.", true),
    (12, En, "Only the instructors assigned to a class see allergies.", true),
    (0, Es, "Pagas 19 € por escuela y mes, con todos los instructores que quieras.", false),
    (0, Es, "En invierno sigues pagando la mitad de la cuota.", false),
    (0, Es, "Hay comisión por cada reserva.", false),
    (1, En, "It costs €190 per instructor and month.", false),
    (1, En, "You pay a set-up fee in the first month.", false),
    (1, En, "You keep your data for free, and a free surfboard comes with the account.", false),
    (1, Es, "Hay una cuota de alta de 19 €.", false),
    (0, En, "You can try it for free for a month.", false),
    (2, Es, "La lista del día se imprime en papel cada mañana.", false),
    (3, En, "What you note down is sent by text message to the parents.", false),
    (3, Es, "Sin señal no puedes ver las alergias de los alumnos.", false),
    (4, Es, "El reembolso llega en 30 días laborables.", false),
    (4, Es, "Deja el paquete en cualquier tienda de Zara.", false),
    (5, En, "Personalised items can be returned within 30 days.", false),
    (5, En, "We replace broken items with new ones at once.", false),
    (5, Es, "El reembolso se paga en efectivo en la tienda.", false),
    (6, Es, "Te llamamos por teléfono para darte una contraseña nueva.", false),
    (7, En, "The link works for two hours.", false),
    (7, Es, "Visita https://marea.example/reset para cambiar tu contraseña.", false),
    (8, Es, "El plan Básico incluye informes semanales y soporte por teléfono.", false),
    (9, En, "The Basic plan costs €49 a month.", false),
    (8, En, "The Team plan includes 15 users.", false),
    (10, Es, "Atendemos de lunes a domingo a todas horas.", false),
    (11, En, "Weekend messages are answered within the hour.", false),
    (10, En, "We are closed on Monday mornings.", false),
    (12, Es, "Los datos se borran de las copias en 90 días.", false),
    (13, En, "Data belongs to Marea and may be shared with partners.", false),
    (13, Es, "Cualquier instructor puede ver las alergias de todos los alumnos.", false),
];

/// How many supported sentences passed, how many there are, and how many others passed with them.
fn measure(cases: &[Case]) -> (usize, usize, usize) {
    let (mut passed, mut supported, mut wrong) = (0, 0, 0);
    for (at, locale, sentence, is_supported) in cases {
        let (language, title, text) = PASSAGES[*at];
        let known = Known { title: title.to_owned(), text: text.to_owned(), locale: language };
        let verdict = Gate::new(Both::shipped().unwrap(), &[known], *locale).judge(&format!("{sentence} [1]"));
        let has_passed = matches!(verdict, Verdict::Supported { .. });
        if has_passed != *is_supported {
            println!("{} {sentence}: {verdict:?}", if *is_supported { "lost" } else { "WRONG" });
        }
        supported += usize::from(*is_supported);
        passed += usize::from(has_passed && *is_supported);
        wrong += usize::from(has_passed && !is_supported);
    }
    println!("recall {passed}/{supported}, precision {passed}/{}", passed + wrong);
    (passed, supported, wrong)
}

#[test]
fn dev() {
    measure(&DEV);
}

#[test]
fn held() {
    measure(&HELD);
}
