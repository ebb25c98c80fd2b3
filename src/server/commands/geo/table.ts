/** All commands on places. */
import { placeCommands } from './places.ts'
import { searchingCommands } from './searching.ts'

export const geoCommands = { ...placeCommands, ...searchingCommands }
