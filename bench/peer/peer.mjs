/**
 * A way to keep versions, as the benchmark uses it. Every method may be async; a peer is used in its usual way, with its
 * usual settings.
 *
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} usage how it is used, for the page of results
 * @property {() => string | Promise<string>} version throws when it is not there
 * @property {(folder: string) => void} start what has to run meanwhile; `folder` is for its own files
 * @property {() => void} stop
 * @property {(project: string) => void} prepare make an empty folder a project
 * @property {(project: string, paths: string[], message: string) => void} add make what these paths hold a version
 * @property {(project: string, name: string) => void} branch create a branch and go there
 * @property {(project: string, name: string) => void} switchTo make the files those of a branch
 * @property {(project: string) => number} bytesStored bytes on disk beside the files themselves
 */

/** A peer that need not do all of it. @returns {Peer} */
export const definePeer = peer => ({ usage: '', start() {}, stop() {}, prepare() {}, bytesStored: () => 0, ...peer });
