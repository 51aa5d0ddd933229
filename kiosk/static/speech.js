/** Reads a screen aloud, where the device itself has a voice of the language. Knows no question. */

const speech = window.speechSynthesis;

/** The device's own voice of a language; null where it has none. A voice from afar needs network. */
function voiceOf(lang) {
  const voices = speech?.getVoices?.() ?? [];
  const mine = (voice) => voice.localService && voice.lang.toLowerCase().split(/[-_]/)[0] === lang;
  return voices.find(mine) ?? null;
}

export const canSpeak = (lang) => voiceOf(lang) !== null;

/** Voices may be found only a while after the page has opened. */
export function onVoices(changed) {
  speech?.addEventListener?.('voiceschanged', changed);
}

/** Say sentences one after the other; `ended()` when done or stopped. */
export function speak(sentences, lang, ended) {
  hush();
  const voice = voiceOf(lang);
  const spoken = sentences.filter(Boolean).map((sentence) => {
    const part = new SpeechSynthesisUtterance(sentence);
    part.voice = voice;
    part.lang = voice?.lang ?? lang;
    return part;
  });
  if (spoken.length === 0) return ended();
  const last = spoken[spoken.length - 1];
  last.onend = ended;
  last.onerror = ended;
  for (const part of spoken) speech.speak(part);
}

export function hush() {
  speech?.cancel?.();
}
