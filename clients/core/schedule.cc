#include "clients/core/schedule.h"

namespace yard::client {

void write_schedule(PackWriter& writer, const Schedule& schedule) {
  Bytes stated;
  PackWriter options(stated);
  const bool states = write_options(options, schedule.options);
  PackMap map(writer);
  map.string("name", schedule.name).string("cron", schedule.cron).string("tool", schedule.tool);
  if (!schedule.zone.empty()) map.string("zone", schedule.zone);
  if (!schedule.missed.empty()) map.string("missed", schedule.missed);
  map.natural("priority", schedule.options.priority);
  if (states) map.raw("options", stated);
  map.raw("arguments", schedule.arguments);
}

}  // namespace yard::client
