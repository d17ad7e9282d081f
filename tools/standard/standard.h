// StandardTools: the tools that come with the broker, and what they keep.
#pragma once

#include <memory>

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/result.h"
#include "tools/artifacts/artifacts.h"
#include "tools/audio/soundfonts.h"
#include "tools/audio/studio.h"
#include "tools/cas/cas.h"
#include "tools/environment.h"
#include "tools/garden/garden.h"
#include "tools/graph/worlds.h"
#include "tools/registry.h"

namespace yard::tools {

// Owns the stores below environment.state (cas/, artifacts.sqlite), the timeline and the registry whose
// handlers use them. Must outlive every handler that runs.
// Threads: registry() may be read by any; each tool states its own.
class StandardTools {
 public:
  // Opens the stores and registers every tool. A default soundfont that can't be read is not an
  // error: the tools that need it say so, and soundfont_problem() too. Errors: kIo, kBadRequest.
  [[nodiscard]] static Result<std::unique_ptr<StandardTools>> open(const Environment& environment);

  [[nodiscard]] const Registry& registry() const { return registry_; }

  // For tools that are added beside these, before anyone reads the registry.
  [[nodiscard]] Registry& registry() { return registry_; }

  // Runs the jobs of graphs.
  [[nodiscard]] Worlds& worlds() { return worlds_; }

  [[nodiscard]] Cas& cas() { return *cas_; }
  [[nodiscard]] Artifacts& artifacts() { return *artifacts_; }

  // Why the default soundfont is not there, for the start-up log; success where it is, or none is configured.
  [[nodiscard]] const Status& soundfont_problem() const { return soundfont_problem_; }

 private:
  StandardTools(std::unique_ptr<Cas> cas, const Environment& environment);

  Status fill(const Environment& environment);

  const SystemClock clock_;
  SystemRandom random_;
  const std::unique_ptr<Cas> cas_;
  std::unique_ptr<Artifacts> artifacts_;
  Soundfonts soundfonts_;
  Status soundfont_problem_;
  std::unique_ptr<Studio> studio_;
  Garden garden_;
  Worlds worlds_;
  Registry registry_;
};

}  // namespace yard::tools
