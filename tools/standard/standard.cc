#include "tools/standard/standard.h"

#include "tools/abc/tools.h"
#include "tools/artifacts/tools.h"
#include "tools/audio/tools.h"
#include "tools/cas/tools.h"
#include "tools/garden/tools.h"
#include "tools/graph/tools.h"
#include "tools/net/tools.h"
#include "tools/system/tools.h"

namespace yard::tools {
namespace {

constexpr std::size_t kGraphBytesMax = std::size_t{60} << 20;  // as much as a journal takes

// Graphs that are too large for a frame are stored first.
auto read_graphs_from(const Cas& cas) {
  return [&cas](const std::string& content_hash, const std::stop_token& stop) -> Result<std::string> {
    YARD_TRY(const ContentHash hash, ContentHash::parse(content_hash));
    return cas.read(hash, 0, kGraphBytesMax, stop);
  };
}

}  // namespace

StandardTools::StandardTools(std::unique_ptr<Cas> cas, const Environment& environment)
    : cas_(std::move(cas)),
      soundfonts_(*cas_),
      worlds_({.folder = environment.state / "worlds", .read_content = read_graphs_from(*cas_)}, clock_, random_) {}

Result<std::unique_ptr<StandardTools>> StandardTools::open(const Environment& environment) {
  YARD_TRY(auto cas, Cas::open(environment.state / "cas"));
  std::unique_ptr<StandardTools> tools(new StandardTools(std::move(cas), environment));
  YARD_TRY(tools->artifacts_, Artifacts::open(environment.state / "artifacts.sqlite", tools->clock_, tools->random_));
  YARD_TRY_STATUS(tools->soundfonts_.learn_stored());
  if (!environment.soundfont.empty())
    tools->soundfont_problem_ = tools->soundfonts_.learn_default(environment.soundfont);
  YARD_TRY_STATUS(tools->fill(environment));
  return tools;
}

Status StandardTools::fill(const Environment& environment) {
  studio_ = std::make_unique<Studio>(*cas_, *artifacts_, soundfonts_);
  const StoredHook learn = [this](const CasObject& object, jobs::JobContext& context) {
    if (const auto learnt = soundfonts_.learn(object); !learnt) {
      context.log("warn", "stored, but it can't be used as a soundfont: " + learnt.error().message);
    }
  };
  YARD_TRY_STATUS(add_cas_tools(registry_, *cas_, environment, learn));
  YARD_TRY_STATUS(add_artifact_tools(registry_, *cas_, *artifacts_, environment, learn));
  YARD_TRY_STATUS(add_abc_tools(registry_));
  YARD_TRY_STATUS(add_audio_tools(registry_, *studio_));
  YARD_TRY_STATUS(add_garden_tools(registry_, garden_));
  YARD_TRY_STATUS(add_graph_tools(registry_, worlds_, *artifacts_));
  YARD_TRY_STATUS(add_net_tools(registry_));
  return add_system_tools(registry_, environment);
}

}  // namespace yard::tools
