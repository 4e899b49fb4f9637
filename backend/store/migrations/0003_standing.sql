-- Taken by what is known of people's standing; nothing here yet.

SELECT 1;
