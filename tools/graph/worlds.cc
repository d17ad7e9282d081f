#include "tools/graph/worlds.h"

#include "engine/kinds/standard.h"

namespace yard::tools {

Worlds::Worlds(WorldsOptions options, const Clock& clock, Random& random)
    : options_(std::move(options)), clock_(clock), random_(random) {}

Worlds::~Worlds() = default;

// ---- from start to stop

void Worlds::open(jobs::ReportSink& reports, MakeCall call) {
  surroundings_.emplace(WorldSurroundings{
      .kinds = graph::standard_kinds(), .clock = clock_, .reports = reports, .read_content = options_.read_content});
  make_call_ = std::move(call);
  find_kept();
  for (auto& [key, kept] : std::exchange(kept_, {})) {
    if (kept.manifest.unloaded)
      kept_.emplace(key, std::move(kept));
    else
      begin(key, std::move(kept.folder), std::move(kept.manifest), std::nullopt);
  }
}

// A folder without a manifest is of a world that was never there: the broker was stopped while it was made.
void Worlds::find_kept() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder, error)) {
    auto disk = journal::PosixDisk::open(entry.path(), journal::PosixDisk::Access::kRead);
    if (!disk) continue;
    auto manifest = read_manifest(**disk);
    if (!manifest) continue;
    const Key key{manifest->principal, manifest->name};
    kept_.emplace(key, Kept{entry.path(), *std::move(manifest)});
  }
}

void Worlds::begin(const Key& key, std::filesystem::path folder, Manifest manifest, std::optional<jobs::Work> load) {
  const auto make_call = [this, key](HostCall&& call) {
    {
      const MutexLock lock(callers_mutex_);
      callers_.insert_or_assign(call.id, key);
    }
    make_call_(std::move(call));
  };
  worlds_[key] =
      std::make_unique<HostedWorld>(*surroundings_, std::move(folder), std::move(manifest), make_call, std::move(load));
}

void Worlds::drain() {
  for (const auto& [key, world] : worlds_) world->put(EndStreams());
}

void Worlds::close() { worlds_.clear(); }

// ---- jobs

void Worlds::start(std::vector<jobs::Work>& work) {
  reap();
  for (jobs::Work& one : work) start(std::move(one));
  work.clear();
}

void Worlds::refuse(const jobs::Work& work, Error error) {
  surroundings_->reports.push(
      {.id = work.id, .fence = work.fence, .what = jobs::Finished{.outcome = std::unexpected(std::move(error))}});
}

void Worlds::start(jobs::Work&& work) {
  const Key key{work.principal, std::string(PackView(work.arguments).find("world").string_or(""))};
  const auto found = worlds_.find(key);
  if (found != worlds_.end()) {
    InboxItem item = std::move(work);
    if (found->second->offer(item)) return;
    work = std::get<jobs::Work>(std::move(item));
    reap();
  }
  if (const auto failed = worlds_.find(key); failed != worlds_.end()) {
    if (work.tool == "graph_unload") return drop_failed(work, key);
    return refuse(work, {.code = ErrorCode::kUnavailable,
                         .message = "the world " + key.second + " could not be loaded: " +
                                    failed->second->info()->problem + "; graph_unload drops it"});
  }
  if (work.tool == "graph_load") {
    if (const Status loaded = load(work, key); !loaded) refuse(work, loaded.error());
    return;
  }
  std::string message = "there is no world " + key.second;
  message += kept_.contains(key) ? " loaded; graph_load without a graph takes it up again" : "; graph_load makes one";
  refuse(work, {.code = ErrorCode::kNotFound, .message = std::move(message), .pointer = "/world"});
}

void Worlds::drop_failed(const jobs::Work& work, const Key& key) {
  const auto failed = worlds_.extract(key);
  const bool deletes = PackView(work.arguments).find("delete").boolean_or(false);
  std::error_code ignored;
  if (deletes) std::filesystem::remove_all(failed.mapped()->folder(), ignored);
  const Bytes result = pack_map([&](PackMap& map) { map.string("world", key.second).boolean("deleted", deletes); });
  surroundings_->reports.push({.id = work.id, .fence = work.fence, .what = jobs::Finished{.outcome = result}});
}

Status Worlds::load(jobs::Work& work, const Key& key) {
  if (worlds_.size() >= kWorldsMax)
    return fail(ErrorCode::kOverQuota, "there are " + std::to_string(kWorldsMax) + " worlds; unload one");
  const PackView arguments(work.arguments);
  const bool brings_graph = arguments.find("graph") || arguments.find("content_hash");
  if (auto kept = kept_.find(key); kept != kept_.end()) {
    if (brings_graph)
      return fail(ErrorCode::kConflict,
                  "an unloaded world " + key.second + " is kept: take it up without a graph, or choose another name",
                  "/world");
    begin(key, std::move(kept->second.folder), std::move(kept->second.manifest), std::move(work));
    kept_.erase(kept);
    return {};
  }
  if (!brings_graph)
    return fail(ErrorCode::kInvalidArguments, "no world " + key.second + " is kept: give graph or content_hash");
  const Uuid id = make_uuid(random_);
  Manifest manifest{
      .name = key.second,
      .principal = key.first,
      .id = id,
      .clock = arguments.find("clock").string_or("manual") == "real" ? WorldClock::kReal : WorldClock::kManual,
      .synced = arguments.find("synced").boolean_or(true)};
  begin(key, options_.folder / to_hex(id), std::move(manifest), std::move(work));
  return {};
}

void Worlds::stop(JobId id) {
  for (const auto& [key, world] : worlds_) world->put(StopJob{id});
}

void Worlds::answer(HostAnswer&& answer) {
  Key key;
  {
    const MutexLock lock(callers_mutex_);
    const auto found = callers_.find(answer.id);
    if (found == callers_.end()) return;
    key = found->second;
    callers_.erase(found);
  }
  if (const auto world = worlds_.find(key); world != worlds_.end()) world->second->put(std::move(answer));
}

// Those that are over go; what could not be loaded stays to be seen, until it is unloaded.
void Worlds::reap() {
  for (auto it = worlds_.begin(); it != worlds_.end();) {
    HostedWorld& world = *it->second;
    if (!world.is_over() || world.info()->phase == WorldPhase::kFailed) {
      ++it;
      continue;
    }
    if (!world.is_deleted()) kept_.emplace(it->first, Kept{world.folder(), world.manifest()});
    it = worlds_.erase(it);
  }
}

// ---- looking

std::vector<std::shared_ptr<const WorldInfo>> Worlds::list(std::string_view principal) const {
  std::vector<std::shared_ptr<const WorldInfo>> infos;
  for (const auto& [key, world] : worlds_)
    if (key.first == principal && !(world->is_over() && world->info()->phase != WorldPhase::kFailed))
      infos.push_back(world->info());
  return infos;
}

std::vector<std::string> Worlds::kept(std::string_view principal) const {
  std::vector<std::string> names;
  for (const auto& [key, kept] : kept_)
    if (key.first == principal) names.push_back(key.second);
  return names;
}

}  // namespace yard::tools
