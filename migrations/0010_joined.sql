-- A person's conversations, found by the visitor who began them and by the mailbox that they left: for a lead's score and for erasure.

CREATE INDEX IF NOT EXISTS conversations_by_visitor ON conversations (site_id, visitor_id);
-- `key` is the mailbox as leads know it.
CREATE INDEX IF NOT EXISTS conversations_by_contact ON conversations (site_id, contact ->> '$.key');
