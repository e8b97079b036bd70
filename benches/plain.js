// What Orilla is measured against: a Worker in plain JavaScript that puts the row into D1 and does nothing else.
// No validation, no score, no consent, no idempotency, no rate limit: the floor that any Worker with this store stands on.
export default {
  async fetch(request, env) {
    const { email, ...fields } = await request.json();
    const id = crypto.randomUUID();
    await env.DB.prepare("INSERT INTO answers (id, email, fields, received_at) VALUES (?1, ?2, ?3, ?4)")
      .bind(id, email, JSON.stringify(fields), Date.now())
      .run();
    return Response.json({ ok: true, id }, { status: 201 });
  },
};
