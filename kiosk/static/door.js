/** Hands records to the server and reads its receipts. Decides nothing about what happens next. */

const PATIENCE = 10_000; // milliseconds for one try; a slow server is asked again, under the same ids
const RECEIPTS = new Set(['stored', 'repeated', 'conflict', 'refused', 'later']);

/**
 * Send records once. Never throws. Resolves to
 * `receipts`: id -> receipt, for the records the server spoke about;
 * `connected`: it was our server that answered; `closed`: the link is unknown or out of use;
 * `tooLarge`, `misread`: the request as a whole was not taken; `wait`: milliseconds it asks for.
 */
export async function send(address, code, records) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const reply = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code, responses: records }),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error', // a sign-in page of the office network is not our server
      signal: patience.signal,
    });
    return outcome(reply, await reply.json().catch(() => null), records);
  } catch {
    return { ...SILENCE };
  } finally {
    clearTimeout(timer);
  }
}

const SILENCE = {
  receipts: new Map(),
  connected: false,
  closed: false,
  tooLarge: false,
  misread: false,
  wait: 0,
};

function outcome(reply, answer, records) {
  const receipts = read(answer, new Set(records.map((record) => record.response_id)));
  const ours = receipts.size > 0 || typeof answer?.error === 'string';
  return {
    receipts,
    connected: ours,
    closed: ours && (reply.status === 404 || reply.status === 410),
    tooLarge: reply.status === 413,
    misread: ours && (reply.status === 400 || reply.status === 415),
    wait: seconds(reply.headers.get('Retry-After')) * 1000,
  };
}

/** Only a well-formed receipt for an id that was sent counts: anything else is silence. */
function read(answer, sent) {
  const results = Array.isArray(answer?.results) ? answer.results : [];
  return new Map(
    results
      .filter((result) => sent.has(result?.response_id) && RECEIPTS.has(result.receipt))
      .map((result) => [result.response_id, result.receipt]),
  );
}

function seconds(header) {
  if (header === null) return 0;
  const number = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(number) ? Math.min(Math.max(number, 0), 3600) : 0;
}
