# The work for the profile: a shell, and one small job for each of the tree's larger programs. Programs are run and
# never read as data, since a page that is read is in RAM wherever the image has it. In the tree, but not run,
# are openssl and python3: the kernel of the kernel tests has no futex, and both need one.
set -e
export PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/tmp
cd /tmp
/bin/busybox mount >mounts
/bin/busybox seq 1 2000 | /bin/busybox awk '{ sum += $1 } END { print "awk", sum }'
/bin/busybox tar -cf etc.tar /etc 2>/dev/null
/bin/busybox gzip -c etc.tar | /bin/busybox gunzip | /bin/busybox md5sum | /bin/busybox cut -c 1-8
ls -lR /etc >list
sort -r list | uniq -c | head -n 500 | tail -n 1 | wc -l
sha256sum list mounts | wc -l
bash -c 'declare -A n; for ((i = 0; i < 300; i++)); do n[$((i % 7))]+=x; done; for k in "${!n[@]}"; do printf "%s " "$k"; done; echo'
perl -e 'my %n; $n{length $_}++ for map { join ",", 1 .. $_ } 1 .. 200; print "perl ", scalar(keys %n), "\n"'
perl -ne '$n++ if /(\w+)\.conf\b/; END { print "lines $n\n" }' list
sqlite3 data.db 'create table t(a integer primary key, b text); with recursive c(x) as (select 1 union all select x+1 from c where x<500) insert into t select x, hex(x*x) from c; create index i on t(b); select "sqlite", count(*), max(b) from t where b like "3%" group by length(b) limit 1;'
cp list copy
chmod 600 copy
date -u -d @0 +%Y
cut -d ' ' -f 1 copy | tr -d r | sort -u | wc -l
od -An -tx1 -N 16 copy | wc -w
expr 6 '*' 7
