#include "tools/graph/world_reports.h"

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::tools {

WorldJob WorldReports::started(jobs::Work&& work) {
  WorldJob job{.work = std::move(work), .began = clock_.now().steady};
  sink_.push({.id = job.work.id, .fence = job.work.fence, .what = jobs::Started{}});
  return job;
}

void WorldReports::finished(const WorldJob& job, Result<nlohmann::ordered_json> result) {
  Result<Bytes> outcome = std::unexpected(Error());
  if (result)
    outcome = pack(nlohmann::json(*result));
  else
    outcome = std::unexpected(std::move(result).error());
  finished_.push_back({.id = job.work.id,
                       .fence = job.work.fence,
                       .what = jobs::Finished{.outcome = std::move(outcome), .busy = clock_.now().steady - job.began}});
}

void WorldReports::tell(const WorldJob& job, BytesView line) {
  sink_.push({.id = job.work.id, .fence = job.work.fence, .what = jobs::Chunked{Bytes(line) + "\n"}});
}

void WorldReports::refuse(const Error& why) {
  for (jobs::Report& report : finished_) std::get<jobs::Finished>(report.what).outcome = std::unexpected(why);
}

void WorldReports::flush() {
  for (jobs::Report& report : finished_) sink_.push(std::move(report));
  finished_.clear();
}

}  // namespace yard::tools
