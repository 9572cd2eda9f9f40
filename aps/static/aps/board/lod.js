// Level of detail: what is shown at how many pixels per hour. Pure.

/**
 * @typedef {object} Level
 * @property {"hours" | "shifts" | "quarters" | "days"} axis
 * @property {60 | 120 | 480 | 1440} bucket minutes of a bar of the histograms; 480 stands for a shift
 * @property {boolean} isWeek low rows, figures and the line of what is needed in the histograms
 * @property {boolean} hasWords labels, hatching and signs in the bars
 * @property {"line" | "mark" | ""} material the diamond of material that is there
 * @property {boolean} isRound
 */

/** @type {{ perHour: number, level: Level } | null} asked for at every bar, and mostly the same */
let last = null;

/** @param {number} perHour pixels per hour @returns {Level} */
export function levelOf(perHour) {
  if (last?.perHour !== perHour) last = { perHour, level: worked(perHour) };
  return last.level;
}

/** @param {number} perHour @returns {Level} */
function worked(perHour) {
  const hasWords = perHour >= 8;
  return {
    axis: perHour >= 60 ? "hours" : perHour >= 20 ? "shifts" : perHour >= 8 ? "quarters" : "days",
    bucket: perHour >= 20 ? 60 : perHour >= 8 ? 120 : perHour >= 3.4 ? 480 : 1440,
    isWeek: !hasWords,
    hasWords,
    material: perHour >= 60 ? "line" : perHour >= 20 ? "mark" : "",
    isRound: perHour > 9,
  };
}
