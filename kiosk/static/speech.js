/** Reads a screen aloud, where the device itself has a voice of the language. Knows no question. */

const speech = window.speechSynthesis;
const READ = 'h1, p, .words, .big'; // in the order of the screen

/** The device's own voice of a language; null where it has none. A voice from afar needs network. */
function voiceOf(lang) {
  const voices = speech?.getVoices?.() ?? [];
  const mine = (voice) => voice.localService && voice.lang.toLowerCase().split(/[-_]/)[0] === lang;
  return voices.find(mine) ?? null;
}

export class Reader {
  #changed;
  isSpeaking = false;

  /** `changed()`: reading began or ended, or voices were found, some while after the page opened. */
  constructor(changed) {
    this.#changed = changed;
    speech?.addEventListener?.('voiceschanged', changed);
  }

  canRead(lang) {
    return voiceOf(lang) !== null;
  }

  /** Read what stands in `place`, or stop reading. */
  toggle(place, lang) {
    if (this.isSpeaking) this.stop();
    else this.#read([...place.querySelectorAll(READ)].map((part) => part.textContent), lang);
  }

  stop() {
    speech?.cancel?.();
    this.#end();
  }

  #read(texts, lang) {
    const voice = voiceOf(lang);
    const parts = texts.filter(Boolean).map((text) => {
      const part = new SpeechSynthesisUtterance(text);
      part.voice = voice;
      part.lang = voice.lang;
      return part;
    });
    const last = parts[parts.length - 1];
    last.onend = () => this.#end();
    last.onerror = () => this.#end();
    this.isSpeaking = true;
    for (const part of parts) speech.speak(part);
    this.#changed();
  }

  #end() {
    if (!this.isSpeaking) return;
    this.isSpeaking = false;
    this.#changed();
  }
}
