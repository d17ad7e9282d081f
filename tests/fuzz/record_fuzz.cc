// Any bytes are records up to where they are torn; what was read, written again, is what was there.
#include "engine/base/check.h"
#include "jobs/broker_records.h"
#include "jobs/records.h"
#include "jobs/schedule.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yard;
  const BytesView bytes(reinterpret_cast<const char*>(data), size);
  jobs::RecordBatch batch;
  const Status status = jobs::each_record(bytes, [&](const jobs::Record& record) -> Status {
    YARD_CHECK(record.body.empty() ||
               (record.body.data() >= bytes.data() && record.body.data() + record.body.size() <= bytes.data() + size));
    batch.append(record.head, record.body);
    // Whatever a body says, it is read or refused.
    (void)jobs::read_submitted(record);
    (void)jobs::read_changed(record);
    (void)jobs::read_amended(record);
    (void)jobs::read_event(record);
    (void)jobs::read_ended(record);
    (void)jobs::read_forgotten(record);
    (void)jobs::read_paused(record);
    (void)jobs::read_spent(record);
    (void)jobs::read_audited(record);
    (void)jobs::read_scheduled(record);
    (void)jobs::read_fired(record);
    return {};
  });
  YARD_CHECK(status || status.error().code == ErrorCode::kBadFrame);
  YARD_CHECK(batch.bytes().size() <= size);
  YARD_CHECK(!status || batch.bytes().size() == size);
  std::size_t again = 0;
  YARD_CHECK(jobs::each_record(batch.bytes(), [&](const jobs::Record&) -> Status {
               ++again;
               return {};
             }).has_value());
  YARD_CHECK(again == batch.count());
  return 0;
}
