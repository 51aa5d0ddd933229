"""The tables. What is no column here is not stored: of a citizen no name, phone, dossier code,
address or time, and of a response not the tablet that it came from.

Tables of responses have no rowid in SQLite, and are written anew each night in the order of their
random ids (store.upkeep), so that not even the order of arrival is kept.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

office = Table(
    "office",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("parent", String(64), ForeignKey("office.id")),
    Column("position", Integer, nullable=False),
    # Its last day as an office of its own, where it became part of the one above.
    Column("until", Date),
    # As of survey.opening_hours; NULL: those of the office above it (store.inherited).
    Column("opening_hours", Text),
)

sector = Table(
    "sector",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("hint_vi", Text),
    Column("hint_en", Text),
)

procedure = Table(
    "procedure",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("sector", String(64), ForeignKey("sector.id"), nullable=False),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
)

# Its id is unique within its office. What belongs to a counter names it by its key, which is
# random, shown to nobody, and stays the same whatever becomes of id and office.
counter = Table(
    "counter",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("id", String(64), nullable=False),
    Column("office", String(64), ForeignKey("office.id"), nullable=False),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("questionnaire", String(80), nullable=False),
    Column("kiosk_mode", String(8), nullable=False, server_default="one-tap"),
    Column("kiosk_comment", String(8), nullable=False, server_default="keyboard"),
    Column("position", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    UniqueConstraint("office", "id"),
)

counter_sector = Table(
    "counter_sector",
    metadata,
    Column("counter", String(64), ForeignKey("counter.key"), primary_key=True),
    Column("sector", String(64), ForeignKey("sector.id"), primary_key=True),
    Column("position", Integer, nullable=False),
)

# The address that a poster carries: random, revocable, one counter each.
link = Table(
    "link",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("counter", String(64), ForeignKey("counter.key"), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("created_on", Date, nullable=False),
    Column("revoked_on", Date),
    CheckConstraint("channel IN ('poster')", name="channel"),
)

# A code that pairs a tablet with a counter; of code and secret only the digests (SHA-256, hex).
# Moments are whole epoch seconds. `pin` is what the tablet checks its staff PIN against.
pairing = Table(
    "pairing",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("counter", String(64), ForeignKey("counter.key"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("pin", JSON, nullable=False),
    Column("used_by", String(64)),
)

# One-time slips that were issued together. Days and months, and nobody's dossier.
slip_batch = Table(
    "slip_batch",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("counter", String(64), ForeignKey("counter.key"), nullable=False),
    Column("procedure", String(32), nullable=False),
    Column("issued_in", String(7), nullable=False),
    Column("last_day", Date, nullable=False),
    Column("withdrawn_in", String(7)),
    sqlite_with_rowid=False,
)

# A slip, by the digest (SHA-256, hex) of its token. Of its use the month is kept and nothing that
# leads to the response; `fresh` until the nightly rewrite, as of a response (store.upkeep).
slip = Table(
    "slip",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("batch", String(32), ForeignKey("slip_batch.id"), nullable=False),
    Column("sector", String(64), nullable=False),
    Column("used_in", String(7)),
    Column("fresh", Boolean, nullable=False),
    Index("ix_slip_batch", "batch"),
    sqlite_with_rowid=False,
)

# What is left of slips that are long over: counts of a month, counter and sector, added up, with
# the office that the counter belonged to then.
slip_tally = Table(
    "slip_tally",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("month", String(7), nullable=False),
    Column("office", String(64), nullable=False),
    Column("counter", String(64), ForeignKey("counter.key"), nullable=False),
    Column("sector", String(64), nullable=False),
    Column("issued", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("expired", Integer, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# An enrolled tablet.
kiosk = Table(
    "kiosk",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("counter", String(64), ForeignKey("counter.key"), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("enrolled_on", Date, nullable=False),
    Column("revoked_on", Date),
    Column("handover_until", BigInteger),
    Column("pin", JSON, nullable=False),
)

# The last that each tablet told about itself, with the moment. Kept apart from the answers: on
# SQLite in a file of its own, so that no moment stands between answers in the write-ahead log; on
# PostgreSQL in a table that is not logged. Nothing is lost with it: a tablet tells it again.
contacts = MetaData(naming_convention=metadata.naming_convention)
contact = Table(
    "contact",
    contacts,
    Column("kiosk", String(8), primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
    Column("heartbeat", JSON),
)

# One character a rated item, in the order of the (immutable) questionnaire version: '1'..'5',
# '-' for none. One narrow row a response keeps intake to one insert; the view `responses`
# (store.views) shows the published layout with a column an item.
response = Table(
    "response",
    metadata,
    Column("response_id", String(36), primary_key=True),
    Column("questionnaire", String(80), nullable=False),
    Column("office", String(64), nullable=False),
    Column("sector", String(64), nullable=False),
    Column("procedure", String(32), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("answered_on", Date, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("flag", String(64), nullable=False),
    Column("scores", String(128), nullable=False),
    # Whether it came since the last rewrite in the order of ids (store.upkeep).
    Column("fresh", Boolean, nullable=False, server_default=true()),
    # What became of it since its day was sealed: 'new' where it came afterwards, 'joined' where it
    # was late and is no more; empty where it is as it was sealed, or is still to be (store.seals).
    Column("since_seal", String(8), nullable=False, server_default=""),
    # Where it comes from, if it was not given to the office's own forms; missing for all others.
    Column("origin", String(16)),
    CheckConstraint("origin IN ('imported', 'simulated')", name="origin"),
    CheckConstraint("channel IN ('poster', 'slip', 'kiosk', 'paper', 'recheck')", name="channel"),
    Index("ix_response_answered_on", "answered_on"),
    Index(
        "ix_response_origin",
        "origin",
        "answered_on",
        sqlite_where=text("origin IS NOT NULL"),
        postgresql_where=text("origin IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

choice = Table(
    "choice",
    metadata,
    Column("response_id", String(36), ForeignKey("response.response_id"), primary_key=True),
    Column("question", String(64), primary_key=True),
    Column("option", String(64), primary_key=True),
    sqlite_with_rowid=False,
)

# A comment that came with answers has the id of its response. One that came alone has 32 digits
# (survey.intake.comment_id), which are no response's id, and belongs to none.
comment = Table(
    "comment",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("office", String(64), nullable=False),
    Column("sector", String(64), nullable=False),
    Column("month", String(7), nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(8), nullable=False, server_default="new"),
    Column("note", Text),
    Column("fresh", Boolean, nullable=False, server_default=true()),
    CheckConstraint("state IN ('new', 'read', 'todo', 'done')", name="state"),
    sqlite_with_rowid=False,
)

# That a comment was deleted, by whom and about what; never what it said or whose it was.
comment_deletion = Table(
    "comment_deletion",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("deleted_on", Date, nullable=False),
    Column("deleted_by", String(64), nullable=False),
    Column("month", String(7), nullable=False),
    Column("office", String(64), nullable=False),
    Column("sector", String(64), nullable=False),
    sqlite_with_rowid=False,
)

# The chain of seals as it is published (survey.seals), and beside it `key` and `answers`, which are
# erased once a seal is no longer checked.
seal = Table(
    "seal",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(8), nullable=False),
    Column("about", String(10), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("rows", String(64)),
    Column("days", String(64)),
    Column("document", String(64)),
    Column("before", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
    Column("key", String(64)),
    Column("answers", Integer),
    Index("ix_seal_about", "kind", "about"),
)

# The published verdict document of a sealed month: its JSON, by zlib. One more where late answers
# made a further edition. Where the answers of a year were purged, also those of its quarters, its
# halves and itself.
sealed_document = Table(
    "sealed_document",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("month", String(7), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# Months whose answers were deleted when their time was over. What stays of them are the sealed
# documents, and the counts of other tables.
purge = Table(
    "purge",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("purged_on", Date, nullable=False),
)

# Of a comment the digest that its response's leaf has (`sealed`), and that of what is there `now`.
# Blacked out, the two differ; deleted, the salt is gone, and with it what the digests could tell.
comment_seal = Table(
    "comment_seal",
    metadata,
    Column("response_id", String(36), primary_key=True),
    Column("sealed", String(64), nullable=False),
    Column("now", String(64), nullable=False),
    Column("salt", String(32)),
    sqlite_with_rowid=False,
)

# What is done from time to time, and the day when it was done last.
upkeep = Table(
    "upkeep",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("done_on", Date),
)

# A published version is immutable: its digest is kept so that a changed file is refused, and its
# content (JSON), so that every process and every later day knows what was asked.
questionnaire = Table(
    "questionnaire",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("item_ids", Text, nullable=False),
    Column("content", Text),
)

# Sentences that somebody has held against their decision, by the digest of the sentence and its
# source; `name` is empty for the command line.
wording_check = Table(
    "wording_check",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("checked_on", Date, nullable=False),
    Column("name", String(64)),
)

# Figures of offices side by side: aggregates alone, which may be deleted at any time and are then
# computed again (`survey.figures.overviews`). `view`: full or published. `whole`: of an office with
# all below it, `all` for the installation. `within`: the group of offices that it was computed
# with. `mark`: a digest of what the figures rest on. `n`, `width` (of the interval) and `needs`
# (names, by commas) are what all rows are sorted and counted by, so that the page reads the content
# of those alone that it shows. `newer`, of totals: whether the data were when last looked at.
overview_row = Table(
    "overview_row",
    metadata,
    Column("period", String(16), primary_key=True),
    Column("view", String(9), primary_key=True),
    Column("office", String(64), primary_key=True),
    Column("whole", Boolean, primary_key=True),
    Column("within", String(64), nullable=False),
    Column("mark", String(64), nullable=False),
    Column("made_on", Date, nullable=False),
    Column("n", Integer, nullable=False),
    Column("width", Float),
    Column("needs", String(64), nullable=False),
    Column("newer", Boolean, nullable=False),
    Column("content", JSON, nullable=False),
    Index("ix_overview_row_within", "period", "view", "within"),
    sqlite_with_rowid=False,
)

# The newest day with an answer, by office, as `response` had it when last looked at (no day: none).
newest_answer = Table(
    "newest_answer",
    metadata,
    Column("office", String(64), primary_key=True),
    Column("answered_on", Date),
    sqlite_with_rowid=False,
)

population_count = Table(
    "population_count",
    metadata,
    Column("period", String(7), primary_key=True),
    Column("office", String(64), primary_key=True),
    Column("sector", String(64), primary_key=True),
    Column("completed", Integer, nullable=False),
    Column("on_time", Integer),
    Column("online", Integer),
    Column("due_known", Integer),
    Column("filing_known", Integer),
    Column("timed", Integer),
    Column("days_allowed", BigInteger),
    Column("days_taken", BigInteger),
)

# The log of imports: what replaced what. Never a dossier code. Lines of one import share a batch;
# `before` is a list of [sector, completed, …], in the order of the columns of `population_count`
# (older lines end with `online`), so that the import can be undone.
population_import = Table(
    "population_import",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("imported_on", Date, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_digest", String(64), nullable=False),
    Column("period", String(7), nullable=False),
    Column("office", String(64), nullable=False),
    Column("completed", Integer, nullable=False),
    Column("replaced", Integer),
    Column("batch", String(32)),
    Column("before", JSON(none_as_null=True)),
    Column("undone_on", Date),
)

# The log of what was brought in from other tools: a line an office and month of an import, or more.
past_import = Table(
    "past_import",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch", String(16), nullable=False),
    Column("brought_on", Date, nullable=False),
    Column("name", String(64)),
    Column("file_name", Text, nullable=False),
    Column("file_digest", String(64), nullable=False),
    Column("office", String(64), nullable=False),
    Column("period", String(7), nullable=False),
    Column("answers", Integer, nullable=False),
    Column("undone_on", Date),
    Column("undone_by", String(64)),
)

# The answers of an import until a seal covers them, so that it can be undone (store.past). `own`:
# it brought them; else they had come before, and joined the figures of their month through it.
past_import_answer = Table(
    "past_import_answer",
    metadata,
    Column("batch", String(16), primary_key=True),
    Column("response_id", String(36), primary_key=True),
    Column("own", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# Files with 2, 1 and 0 points of each of the one-stop desk's nine indicators; an indicator that was
# not assessed has no row. Who changed what when is in the log of staff actions.
desk_indicator = Table(
    "desk_indicator",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("office", String(64), ForeignKey("office.id"), primary_key=True),
    Column("indicator", Integer, primary_key=True),
    Column("two_points", Integer, nullable=False),
    Column("one_point", Integer, nullable=False),
    Column("no_points", Integer, nullable=False),
    CheckConstraint("indicator BETWEEN 1 AND 9", name="indicator"),
    CheckConstraint("two_points + one_point + no_points > 0", name="files"),
    sqlite_with_rowid=False,
)

# A month's list of completed dossiers, of which some are drawn and asked again: its digest
# (SHA-256, hex, of the file) is here before there is a seed. Never a dossier.
recheck = Table(
    "recheck",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("office", String(64), ForeignKey("office.id"), primary_key=True),
    Column("list_digest", String(64), nullable=False),
    Column("listed_on", Date, nullable=False),
    Column("seed", Text),
    Column("seed_source", String(8)),
    Column("seeded_on", Date),
    CheckConstraint("seed_source IN ('dice', 'seal')", name="seed_source"),
)

# Of each sector of a list, how many dossiers it has and how many of them are asked for.
recheck_sector = Table(
    "recheck_sector",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("office", String(64), primary_key=True),
    Column("sector", String(64), primary_key=True),
    Column("dossiers", Integer, nullable=False),
    Column("size", Integer, nullable=False),
)

# A dossier that was drawn, by its place among the tickets of its sector. Of the code under which
# its answer is entered there is the digest alone, and of the answer only that there is one.
recheck_call = Table(
    "recheck_call",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("office", String(64), primary_key=True),
    Column("sector", String(64), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("outcome", String(16)),
    CheckConstraint(
        "outcome IN ('answered', 'refused', 'not_reached', 'wrong_number')", name="outcome"
    ),
    sqlite_with_rowid=False,
)

# What an office did about what people said in a month, as the public page tells it. The English may
# be missing; not public while `published_on` is.
improvement = Table(
    "improvement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("office", String(64), nullable=False),
    Column("said_vi", Text, nullable=False),
    Column("did_vi", Text, nullable=False),
    Column("said_en", Text, nullable=False),
    Column("did_en", Text, nullable=False),
    Column("published_on", Date),
    Index("ix_improvement_office", "office", "month"),
)

staff = Table(
    "staff",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("session_key", String(32), nullable=False),
    Column("created_on", Date, nullable=False),
    Column("role", String(16), nullable=False, server_default="administrator"),
    # Where the role is held: this office and all below it; everywhere where it is missing.
    Column("office", String(64), ForeignKey("office.id")),
    # Taken out of use, an account is kept: the log names it.
    Column("active", Boolean, nullable=False, server_default=true()),
    CheckConstraint("role IN ('administrator', 'officer', 'analyst', 'viewer')", name="role"),
)

# A link by which somebody chooses the password of an account, by digest (SHA-256, hex): once, up
# to and including a day. An account has one at most.
password_link = Table(
    "password_link",
    metadata,
    Column("name", String(64), ForeignKey("staff.name"), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("expires_on", Date, nullable=False),
    # Whoever uses it signs in with the password alone from then on.
    Column("ends_two_step", Boolean, nullable=False, server_default=false()),
)

# Accounts that sign in by two steps: the secret that the app on the phone has too, encrypted
# (`survey.fernet`), and the step of 30 seconds since 1970 whose code was the last to be taken.
two_step = Table(
    "two_step",
    metadata,
    Column("name", String(64), ForeignKey("staff.name"), primary_key=True),
    Column("secret", Text, nullable=False),
    Column("last_step", BigInteger, nullable=False),
)

# Codes for whoever has lost the phone, by digest (SHA-256, hex); a used one is deleted.
recovery_code = Table(
    "recovery_code",
    metadata,
    Column("name", String(64), ForeignKey("two_step.name"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)

# Who gave the right password and has yet to give a code: by digest (SHA-256, hex) of what the
# browser holds, until a moment (epoch seconds). Void once the account's session key is another.
begun_sign_in = Table(
    "begun_sign_in",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", String(64), ForeignKey("staff.name"), nullable=False),
    Column("session_key", String(32), nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Whom the identity provider (`issuer`) signs in with an account: its own, lasting id of a person.
identity = Table(
    "identity",
    metadata,
    Column("name", String(64), ForeignKey("staff.name"), primary_key=True),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    UniqueConstraint("issuer", "subject"),
)

# A token with which a program reads verdicts, by digest (SHA-256, hex): of an office and all below
# it, of everything where that is missing; up to and including a day. Of its use the month is kept.
token = Table(
    "token",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scope", String(9), nullable=False),
    Column("office", String(64), ForeignKey("office.id")),
    Column("created_on", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("used_month", String(7)),
    Column("revoked_on", Date),
    CheckConstraint("scope IN ('published', 'full')", name="scope"),
)

# What staff did: a trigger refuses to change or delete a row. `done_at`: epoch seconds, of a whole
# minute; `month` as it is called at the office. `name` is missing for the command line. Of
# citizens there is nothing here.
staff_action = Table(
    "staff_action",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("done_at", BigInteger, nullable=False),
    Column("month", String(7), nullable=False),
    Column("name", String(64)),
    Column("action", String(32), nullable=False),
    Column("office", String(64)),
    Column("details", JSON, nullable=False),
)

# Sessions that were signed out before their time, by digest (SHA-256, hex) of their random id; and
# questions to the identity provider that were answered, so that no answer is taken twice.
ended_session = Table(
    "ended_session",
    metadata,
    Column("session_hash", String(64), primary_key=True),
    Column("ends_on", Date, nullable=False),
    sqlite_with_rowid=False,
)
