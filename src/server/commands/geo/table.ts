/** All commands on places, from a file for each kind of them. */
import { placeCommands } from './places.ts'
import { searchingCommands } from './searching.ts'

export const geoCommands = { ...placeCommands, ...searchingCommands }
