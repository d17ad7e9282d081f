// Manifest: what of a hosted world is not in its journal.
#pragma once

#include <string>

#include "engine/base/id.h"
#include "engine/base/result.h"
#include "engine/journal/disk.h"

namespace yard::tools {

// Whose time a world's is.
enum class WorldClock : std::uint8_t {
  kManual,  // it goes on when it is told to
  kReal,    // it goes on as the broker's does, while it is loaded
};

struct Manifest {
  std::string name;
  std::string principal;
  Uuid id;  // random: worlds of equal graphs make other calls
  WorldClock clock = WorldClock::kManual;
  bool synced = true;     // what is answered survives the power, else the process
  bool unloaded = false;  // kept, but not to be run
};

// Written whole or not at all, and it survives the power. Errors: kIo.
[[nodiscard]] Status write_manifest(journal::Disk& disk, const Manifest& manifest);

// Errors: kNotFound (there is none), kBadFrame (it is damaged), kUnsupported (a later version's), kIo.
[[nodiscard]] Result<Manifest> read_manifest(journal::Disk& disk);

}  // namespace yard::tools
