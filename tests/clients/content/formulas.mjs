// What other people's packages make of the same counts as ours. Their counting is put aside: formulas are compared, not what a word is.

import textReadability from "text-readability";
import { python } from "../events/support.mjs";

/** What `textstat` gives for each `{ lang, words, sentences, syllables, letters, long_words }`. */
export const textstat = (counts) => python(new URL("formulas.py", import.meta.url), JSON.stringify(counts));

/** What `text-readability` gives for English ones. It rounds what it makes of counts to a tenth in between, which is put aside too; its results stay rounded. */
export const readability = ({ words, sentences, syllables, letters, long_words }) => {
  const judge = Object.create(textReadability, {
    lexiconCount: { value: () => words },
    sentenceCount: { value: () => sentences },
    syllableCount: { value: () => syllables },
    letterCount: { value: () => letters },
    charCount: { value: () => letters },
    averageSentenceLength: { value: () => words / sentences },
    averageSyllablePerWord: { value: () => syllables / words },
    averageLetterPerWord: { value: () => letters / words },
    averageSentencePerWord: { value: () => sentences / words },
    polySyllableCount: { value: () => long_words },
    difficultWords: { value: () => long_words },
  });
  return {
    flesch: judge.fleschReadingEase(""),
    flesch_kincaid: judge.fleschKincaidGrade(""),
    gunning_fog: judge.gunningFog(""),
    smog: judge.smogIndex(""),
    coleman_liau: judge.colemanLiauIndex(""),
    ari: judge.automatedReadabilityIndex(""),
  };
};

/**
 * What is known to be added to their figures to come to the authors'.
 *
 * Coleman & Liau 1975 have 0.0588 letters per hundred words; both packages 0.058. Szigriszt Pazos 1993 begins at 206.835; `textstat` at 206.84.
 */
export const corrected = (figures, { words, letters }, { isTextstat }) => ({
  ...figures,
  ...("coleman_liau" in figures && { coleman_liau: figures.coleman_liau + (0.0008 * 100 * letters) / words }),
  ...("szigriszt_pazos" in figures && isTextstat && { szigriszt_pazos: figures.szigriszt_pazos - 0.005 }),
});

/** The greatest difference of any formula both have. */
export const apart = (theirs, ours) => Math.max(...Object.keys(theirs).map((id) => Math.abs(theirs[id] - ours[id])));
