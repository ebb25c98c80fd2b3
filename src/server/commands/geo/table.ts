/** All commands on places, from the files of this folder. */
import { placeCommands } from './places.ts'
import { searchingCommands } from './searching.ts'

export const geoCommands = { ...placeCommands, ...searchingCommands }
